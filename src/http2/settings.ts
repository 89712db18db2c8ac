/**
 * SETTINGS (RFC 9113 §6.5): what either end tells the other about itself.
 *
 * In:    the payload of the client's frame, its length a multiple of six (frame-reader.ts sees to it).
 * Out:   what of it concerns a server; an ErrorCode for a value that can't be.
 * Keeps: a setting that isn't known is ignored (§6.5.2).
 */
import { ErrorCode, FRAME_OCTETS_MAX, word32At } from "./frame.ts";

export enum SettingId {
  HeaderTableSize = 1,
  EnablePush = 2,
  MaxConcurrentStreams = 3,
  InitialWindowSize = 4,
  MaxFrameSize = 5,
  MaxHeaderListSize = 6,
  /** RFC 8441 §3. */
  EnableConnectProtocol = 8,
  /** RFC 9218 §2.1. */
  NoRfc7540Priorities = 9,
}

/** One setting in a frame: its number, and 32 bits. */
export const SETTING_OCTETS = 6;

/** Of every stream and of the connection, until somebody says otherwise (§6.9.2). */
export const INITIAL_WINDOW_OCTETS = 65_535;

/** Of HPACK's table, until somebody says otherwise. */
const TABLE_OCTETS_INITIAL = 4096;

export const WINDOW_OCTETS_MAX = 0x7fff_ffff;
const FRAME_OCTETS_LIMIT = 0xff_ffff;

/** What a client has told about itself. */
export class PeerSettings {
  /** The send window that each stream begins with. */
  initialWindow: number = INITIAL_WINDOW_OCTETS;
  /** It lets our blocks have a smaller table than they might have had: the next one has to say so (RFC 7541 §4.2). */
  hasShrunkTable = false;

  /** Takes the payload of a frame, in its order; says what is wrong with it. */
  take(bytes: Uint8Array, start: number, end: number): ErrorCode {
    for (let at = start; at < end; at += SETTING_OCTETS) {
      const id = (bytes[at]! << 8) | bytes[at + 1]!;
      const error = this.set(id, word32At(bytes, at + 2));
      if (error !== ErrorCode.NoError) return error;
    }
    return ErrorCode.NoError;
  }

  private set(id: SettingId, value: number): ErrorCode {
    switch (id) {
      case SettingId.HeaderTableSize:
        if (value < TABLE_OCTETS_INITIAL) this.hasShrunkTable = true;
        return ErrorCode.NoError;
      case SettingId.InitialWindowSize:
        if (value > WINDOW_OCTETS_MAX) return ErrorCode.FlowControlError;
        this.initialWindow = value;
        return ErrorCode.NoError;
      case SettingId.EnablePush:
      case SettingId.EnableConnectProtocol:
      case SettingId.NoRfc7540Priorities:
        return value > 1 ? ErrorCode.ProtocolError : ErrorCode.NoError;
      case SettingId.MaxFrameSize: {
        const isValid = value >= FRAME_OCTETS_MAX && value <= FRAME_OCTETS_LIMIT;
        return isValid ? ErrorCode.NoError : ErrorCode.ProtocolError;
      }
      default:
        return ErrorCode.NoError;
    }
  }
}

/** Writes settings as the payload of a frame; returns the offset after them. */
export function putSettings(
  target: Buffer,
  at: number,
  settings: readonly (readonly [id: SettingId, value: number])[],
): number {
  let next = at;
  for (const [id, value] of settings) {
    next = target.writeUInt16BE(id, next);
    next = target.writeUInt32BE(value, next);
  }
  return next;
}
