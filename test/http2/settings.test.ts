import { describe, expect, test } from "bun:test";
import { ErrorCode } from "../../src/http2/frame.ts";
import { PeerSettings, putSettings, SettingId } from "../../src/http2/settings.ts";

function take(...values: readonly (readonly [number, number])[]): { error: string; settings: PeerSettings } {
  const octets = Buffer.alloc(3 + 6 * values.length);
  const end = putSettings(octets, 3, values as readonly (readonly [SettingId, number])[]);
  const settings = new PeerSettings();
  return { error: ErrorCode[settings.take(octets, 3, end)]!, settings };
}

describe("a client's settings", () => {
  test("the last of several counts, and what isn't known doesn't", () => {
    const { error, settings } = take([4, 1], [0x7777, 0xffff_ffff], [4, 0x7fff_ffff], [1, 0], [3, 0xffff_ffff], [6, 0]);
    expect(error).toBe("NoError");
    expect(settings.initialWindow).toBe(0x7fff_ffff);
  });

  test.each([
    [SettingId.EnablePush, 1, "NoError"],
    [SettingId.EnablePush, 2, "ProtocolError"],
    [SettingId.InitialWindowSize, 0x8000_0000, "FlowControlError"],
    [SettingId.MaxFrameSize, 16_383, "ProtocolError"],
    [SettingId.MaxFrameSize, 16_384, "NoError"],
    [SettingId.MaxFrameSize, 0xff_ffff, "NoError"],
    [SettingId.MaxFrameSize, 0x100_0000, "ProtocolError"],
    [SettingId.EnableConnectProtocol, 2, "ProtocolError"],
    [SettingId.NoRfc7540Priorities, 1, "NoError"],
    [SettingId.NoRfc7540Priorities, 2, "ProtocolError"],
  ])("%d = %d: %s", (id, value, error) => {
    expect(take([id, value]).error).toBe(error);
  });
});
