/**
 * The first message of a client's handshake (RFC 8446 §4.1.2): which host it names, which protocols it offers.
 *
 * In:    octets from the start of a connection, perhaps not all of it. Out: both; or that more octets are needed; or that it is
 *        something else, which is for the handshake itself to refuse.
 * Keeps: pure; reads nothing beyond the octets. Only needed where an answer depends on what the runtime tells too late: ALPN is
 *        offered with the name, and the certificate of tls-alpn-01 is for one protocol alone (RFC 8737).
 */

export interface ClientHello {
  /** As sent; null where there is none. */
  readonly serverName: string | null;
  readonly protocols: readonly string[];
}

export type HelloOutcome = ClientHello | "incomplete" | "other";

enum Part {
  Handshake = 22,
  ClientHello = 1,
  ServerName = 0,
  HostName = 0,
  Alpn = 16,
}

const RECORD_HEAD_OCTETS = 5;
const MESSAGE_HEAD_OCTETS = 4;
/** Of one message, over several records if need be. */
const MESSAGE_OCTETS_MAX = 16_384;
const VERSION_AND_RANDOM_OCTETS = 34;

/** Thrown where a length leads beyond what holds it. */
class CutOff extends Error {}

export function readClientHello(octets: Uint8Array): HelloOutcome {
  const message = joinRecords(octets);
  if (typeof message === "string") return message;
  try {
    return readMessage(new OctetReader(message));
  } catch (error) {
    if (error instanceof CutOff) return "other";
    throw error;
  }
}

/** The message without the heads of the records it came in. */
function joinRecords(octets: Uint8Array): Uint8Array | "incomplete" | "other" {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let at = 0; ;) {
    if (octets.length - at < RECORD_HEAD_OCTETS) return "incomplete";
    if (octets[at] !== Part.Handshake) return "other";
    const size = (octets[at + 3]! << 8) | octets[at + 4]!;
    const piece = octets.subarray(at + RECORD_HEAD_OCTETS, at + RECORD_HEAD_OCTETS + size);
    pieces.push(piece);
    length += piece.length;
    const message = pieces.length === 1 ? piece : Buffer.concat(pieces);
    if (length >= MESSAGE_HEAD_OCTETS) {
      if (message[0] !== Part.ClientHello) return "other";
      const wanted = MESSAGE_HEAD_OCTETS + ((message[1]! << 16) | (message[2]! << 8) | message[3]!);
      if (wanted > MESSAGE_OCTETS_MAX) return "other";
      if (length >= wanted) return message.subarray(MESSAGE_HEAD_OCTETS, wanted);
    }
    if (piece.length < size || size === 0) return size === 0 ? "other" : "incomplete";
    at += RECORD_HEAD_OCTETS + size;
  }
}

function readMessage(reader: OctetReader): ClientHello {
  reader.take(VERSION_AND_RANDOM_OCTETS);
  reader.vector(1); // legacy_session_id
  reader.vector(2); // cipher_suites
  reader.vector(1); // legacy_compression_methods
  let serverName: string | null = null;
  let protocols: readonly string[] = [];
  if (reader.isAtEnd) return { serverName, protocols };
  const extensions = reader.vector(2);
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const content = extensions.vector(2);
    if (type === Part.ServerName) serverName = readServerName(content.vector(2));
    if (type === Part.Alpn) protocols = readProtocols(content.vector(2));
  }
  return { serverName, protocols };
}

/** RFC 6066 §3. */
function readServerName(list: OctetReader): string | null {
  while (!list.isAtEnd) {
    const type = list.number(1);
    const name = list.vector(2);
    if (type === Part.HostName) return name.rest();
  }
  return null;
}

/** RFC 7301 §3.1. */
function readProtocols(list: OctetReader): string[] {
  const names: string[] = [];
  while (!list.isAtEnd) names.push(list.vector(1).rest());
  return names;
}

class OctetReader {
  private at = 0;

  constructor(private readonly octets: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.at === this.octets.length;
  }

  take(count: number): Uint8Array {
    if (count > this.octets.length - this.at) throw new CutOff();
    return this.octets.subarray(this.at, (this.at += count));
  }

  number(octetCount: number): number {
    return this.take(octetCount).reduce((sum, octet) => sum * 0x100 + octet, 0);
  }

  /** What follows its length. */
  vector(lengthOctets: number): OctetReader {
    return new OctetReader(this.take(this.number(lengthOctets)));
  }

  rest(): string {
    return Buffer.from(this.take(this.octets.length - this.at)).toString("latin1");
  }
}
