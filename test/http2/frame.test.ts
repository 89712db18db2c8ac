import { expect, test } from "bun:test";
import {
  ErrorCode,
  frameOctetsAt,
  goAwayFrame,
  rstStreamFrame,
  windowUpdateFrame,
  word31At,
  word32At,
} from "../../src/http2/frame.ts";

const target = Buffer.alloc(32, 0xee);

test("frames of control are put where they are wanted, octet by octet (RFC 9113 §4.1)", () => {
  expect(rstStreamFrame(target, 1, 0x1234_5679, ErrorCode.Cancel)).toBe(14);
  expect(target.toString("hex", 0, 15)).toBe("ee" + "000004" + "03" + "00" + "12345679" + "00000008" + "ee");
  expect(windowUpdateFrame(target, 1, 0, 0x7fff_ffff)).toBe(14);
  expect(target.toString("hex", 1, 14)).toBe("000004" + "08" + "00" + "00000000" + "7fffffff");
  expect(goAwayFrame(target, 1, 0x7fff_ffff, ErrorCode.EnhanceYourCalm)).toBe(18);
  expect(target.toString("hex", 1, 18)).toBe("000008" + "07" + "00" + "00000000" + "7fffffff" + "0000000b");
});

test("numbers are read as they are written", () => {
  const octets = Buffer.from("80ffffffffffff", "hex");
  expect(word31At(octets, 0)).toBe(0x00ff_ffff);
  expect(word31At(octets, 1)).toBe(0x7fff_ffff);
  expect(word32At(octets, 0)).toBe(0x80ff_ffff);
  expect(word32At(octets, 1)).toBe(0xffff_ffff);
  expect(frameOctetsAt(octets, 1)).toBe(0xff_ffff);
});
