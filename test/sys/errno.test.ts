import { describe, expect, test } from "bun:test";
import { Errno, errnoName, errnoOfException, SystemError } from "../../src/sys/errno.ts";
import { statSync } from "node:fs";

describe("errnoName", () => {
  test.each([
    [Errno.EAGAIN, "EAGAIN"],
    [-Errno.EPIPE, "EPIPE"],
    [98, "EADDRINUSE"],
    [0, "E0"],
    [4095, "E4095"],
  ])("names %i as %s", (code, name) => {
    expect(errnoName(code)).toBe(name);
  });
});

describe("errnoOfException", () => {
  test.each([
    ["a negative errno, as node:fs throws it", { errno: -2 }, -Errno.ENOENT],
    ["a positive errno, as SystemError carries it", new SystemError("open", Errno.EACCES), -Errno.EACCES],
    ["an exception without errno", new Error("x"), -Errno.EIO],
    ["errno 0", { errno: 0 }, -Errno.EIO],
    ["null", null, -Errno.EIO],
  ])("reads %s", (_what, error, code) => {
    expect(errnoOfException(error)).toBe(code);
  });

  test("agrees with what node:fs throws", () => {
    try {
      statSync("/nowhere/at/all");
      expect.unreachable();
    } catch (error) {
      expect(errnoOfException(error)).toBe(-Errno.ENOENT);
    }
  });
});

test("SystemError says which call failed and how", () => {
  const error = new SystemError("bind", Errno.EADDRINUSE, "::1 port 80");
  expect(error.message).toBe("bind: EADDRINUSE (::1 port 80)");
  expect(error.code).toBe("EADDRINUSE");
  expect(error.errno).toBe(98);
});
