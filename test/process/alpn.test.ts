import { expect, test } from "bun:test";
import { alpnOf } from "../../src/process/alpn.ts";

test("each name has its length before it", () => {
  expect(alpnOf("h2", "http/1.1").toString("latin1")).toBe("\x02h2\x08http/1.1");
});
