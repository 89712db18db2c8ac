import { describe, expect, test } from "bun:test";
import { ReceiveWindow, SendWindow } from "../../src/http2/flow-window.ts";

describe("what may be sent", () => {
  test("grows to 2^31-1 and not beyond", () => {
    const window = new SendWindow();
    expect(window.octets).toBe(65_535);
    expect(window.grow(0x7fff_ffff - 65_535)).toBe(true);
    expect(window.octets).toBe(0x7fff_ffff);
    expect(window.grow(1)).toBe(false);
    expect(window.octets).toBe(0x7fff_ffff);
  });

  test("may go below zero, when the initial size shrinks (RFC 9113 §6.9.2)", () => {
    const window = new SendWindow();
    window.begin(100);
    window.take(80);
    expect(window.grow(-50)).toBe(true);
    expect(window.octets).toBe(-30);
    expect(window.grow(40)).toBe(true);
    expect(window.octets).toBe(10);
  });
});

describe("what may come", () => {
  test("is 65535 octets at a time, and not one more", () => {
    const window = new ReceiveWindow();
    expect(window.receive(65_535)).toBe(true);
    expect(window.receive(0)).toBe(true);
    expect(window.receive(1)).toBe(false);
  });

  test("is given back in halves", () => {
    const window = new ReceiveWindow();
    window.receive(40_000);
    window.release(20_000);
    expect(window.takeIncrement()).toBe(0);
    window.release(20_000);
    expect(window.takeIncrement()).toBe(40_000);
    expect(window.takeIncrement()).toBe(0);
    expect(window.receive(65_535)).toBe(true);
    expect(window.receive(1)).toBe(false);
  });

  test("is more once the window was widened", () => {
    const window = new ReceiveWindow();
    window.widen(200_000);
    expect(window.takeIncrement()).toBe(200_000);
    expect(window.receive(265_535)).toBe(true);
    expect(window.receive(1)).toBe(false);
  });
});
