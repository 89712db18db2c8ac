/** Handshakes in the kernel's table of sockets; close-to-newcomers.test.ts counts real ones. */
import { describe, expect, test } from "bun:test";
import { handshakesIn } from "../../src/sys/handshakes.ts";

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const rows = (...lines: string[]) =>
  HEAD + lines.map((line) => `${line} 00000000:00000000 00:00000000 00000000 0 0 0\n`).join("");

describe("handshakesIn", () => {
  test.each<[string, string, number]>([
    ["a listening socket", "   1: 0100007F:1F90 00000000:0000 0A", 0],
    ["a connection", " 263: 0100007F:1F90 0100007F:8922 01", 0],
    ["a handshake", " 437: 0100007F:1F90 0100007F:8912 03", 1],
    ["a handshake on another port", " 437: 0100007F:1F91 0100007F:8912 03", 0],
    ["another server's handshake with a client on our port's number", " 437: 0100007F:1F91 0100007F:1F90 03", 0],
    ["a handshake of IPv6", "   1: 00000000000000000000000001000000:1F90 00000000000000000000000001000000:DD48 03", 1],
    ["a row number beyond the column", "123456: 0100007F:1F90 0100007F:8912 03", 1],
  ])("%s", (_what, line, count) => {
    expect(handshakesIn(rows(line), new Set([8080]))).toBe(count);
  });

  test("counts all ports that are asked for", () => {
    const table = rows("   0: 0100007F:1F90 0100007F:8912 03", "   1: 0100007F:01BB 0100007F:8913 03");
    expect(handshakesIn(table, new Set([8080, 443]))).toBe(2);
    expect(handshakesIn(table, new Set())).toBe(0);
    expect(handshakesIn("", new Set([8080]))).toBe(0);
  });
});
