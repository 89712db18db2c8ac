/** The PROXY protocol's header: whole, octet by octet, at every split, and mutated. */
import { describe, expect, test } from "bun:test";
import { formatAddress } from "../../src/address/address-text.ts";
import { LOCAL_HEADER, ProxyHeader, ProxyOutcome } from "../../src/address/proxy-header.ts";

const { Incomplete, Malformed, Named, Unnamed } = ProxyOutcome;

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
const ADDRESSES4 = "\xcb\x00\x71\x07\xc0\x00\x02\x01\xdc\x04\x01\xbb";
const ADDRESS6 = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09";
const ADDRESSES6 = `${ADDRESS6}${ADDRESS6}\xdc\x04\x01\xbb`;

/** A header of version 2; `length` is what it says of its own length. */
function v2(command: string, family: string, rest: string, length = rest.length): string {
  return `${SIGNATURE}${command}${family}${String.fromCharCode(length >> 8, length & 255)}${rest}`;
}

/** Outcome, address, and what is left for the parser of HTTP; fed in pieces that end at `ends`. */
function read(text: string, ends: readonly number[] = []): [ProxyOutcome, string, string] {
  const bytes = latin1(text);
  const header = new ProxyHeader();
  let position = 0;
  for (const end of [...ends, bytes.length]) {
    if (header.outcome === Incomplete) position = header.consume(bytes, position, end);
  }
  return [header.outcome, formatAddress(header.source), bytes.toString("latin1", position)];
}

const REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

const GOOD: [name: string, header: string, outcome: ProxyOutcome, address: string][] = [
  ["v1, IPv4", "PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n", Named, "203.0.113.7"],
  ["v1, IPv6", "PROXY TCP6 2001:db8::9 2001:db8::1 56324 443\r\n", Named, "2001:db8::9"],
  ["v1, IPv4 as IPv6", "PROXY TCP6 ::ffff:203.0.113.7 ::1 56324 443\r\n", Named, "203.0.113.7"],
  ["v1, unknown", "PROXY UNKNOWN\r\n", Unnamed, "-"],
  ["v1, unknown with more", "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", Unnamed, "-"],
  ["v1, ports at their bounds", "PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n", Named, "0.0.0.0"],
  ["v1, the longest line", `PROXY UNKNOWN ${"x".repeat(91)}\r\n`, Unnamed, "-"],
  ["v2, IPv4", v2("\x21", "\x11", ADDRESSES4), Named, "203.0.113.7"],
  ["v2, IPv6", v2("\x21", "\x21", ADDRESSES6), Named, "2001:db8::9"],
  ["v2, IPv4 and TLVs", v2("\x21", "\x11", `${ADDRESSES4}\x03\0\x04\0\0\0\0\x20\0\x01x`), Named, "203.0.113.7"],
  ["v2, IPv6 and a long TLV", v2("\x21", "\x21", `${ADDRESSES6}\xe0\x10\0${"\n".repeat(4096)}`), Named, "2001:db8::9"],
  ["v2, the longest", v2("\x21", "\x11", ADDRESSES4 + "\0".repeat(65_523)), Named, "203.0.113.7"],
  ["v2, LOCAL, as we send it", Buffer.from(LOCAL_HEADER).toString("latin1"), Unnamed, "-"],
  ["v2, LOCAL", v2("\x20", "\0", ""), Unnamed, "-"],
  ["v2, LOCAL with addresses that say nothing", v2("\x20", "\x11", ADDRESSES4), Unnamed, "-"],
  ["v2, UNSPEC", v2("\x21", "\0", ""), Unnamed, "-"],
  ["v2, UNSPEC with more", v2("\x21", "\0", "abc"), Unnamed, "-"],
  ["v2, a UNIX socket", v2("\x21", "\x31", "x".repeat(216)), Unnamed, "-"],
  ["v2, UDP", v2("\x21", "\x12", ADDRESSES4), Unnamed, "-"],
];

const BAD: [name: string, header: string][] = [
  ["a request", REQUEST],
  ["TLS", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"],
  ["v1 in lower case", "proxy TCP4 203.0.113.7 192.0.2.1 56324 443\r\n"],
  ["v1 without addresses", "PROXY TCP4\r\n"],
  ["v1 without ports", "PROXY TCP4 203.0.113.7 192.0.2.1\r\n"],
  ["v1 with another family", "PROXY UDP4 203.0.113.7 192.0.2.1 56324 443\r\n"],
  ["v1 of IPv6 in IPv4", "PROXY TCP4 ::1 ::1 56324 443\r\n"],
  ["v1 of IPv4 in IPv6", "PROXY TCP6 203.0.113.7 192.0.2.1 56324 443\r\n"],
  ["v1 with a port too high", "PROXY TCP4 203.0.113.7 192.0.2.1 65536 443\r\n"],
  ["v1 with a port with a zero in front", "PROXY TCP4 203.0.113.7 192.0.2.1 080 443\r\n"],
  ["v1 with no address", "PROXY TCP4 203.0.113.256 192.0.2.1 56324 443\r\n"],
  ["v1 with no destination", "PROXY TCP4 203.0.113.7 192.0.2 56324 443\r\n"],
  ["v1 with a zone", "PROXY TCP6 fe80::1%eth0 ::1 56324 443\r\n"],
  ["v1 with two spaces", "PROXY TCP4  203.0.113.7 192.0.2.1 56324 443\r\n"],
  ["v1 with a space at its end", "PROXY TCP4 203.0.113.7 192.0.2.1 56324 443 \r\n"],
  ["v1 with LF alone", "PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\n"],
  ["v1 of 108 octets", `PROXY UNKNOWN ${"x".repeat(92)}\r\n`],
  ["v1 that never ends", `PROXY TCP4 ${"1".repeat(200)}`],
  ["v1 with a control", "PROXY UNKNOWN \x01\r\n"],
  ["v1 of an unknown word", "PROXY UNKNOWNS\r\n"],
  ["v2 with another signature", v2("\x21", "\x11", ADDRESSES4).replace("QUIT", "QUIP")],
  ["v2 of version 1", v2("\x11", "\x11", ADDRESSES4)],
  ["v2 of version 3", v2("\x31", "\x11", ADDRESSES4)],
  ["v2 of an unknown command", v2("\x22", "\x11", ADDRESSES4)],
  ["v2 of an unknown family", v2("\x21", "\x41", ADDRESSES4)],
  ["v2 of an unknown transport", v2("\x21", "\x13", ADDRESSES4)],
  ["v2 too short for IPv4", v2("\x21", "\x11", ADDRESSES4.slice(1))],
  ["v2 too short for IPv6", v2("\x21", "\x21", ADDRESSES4)],
];

const splitsOf = (octets: number): number[] =>
  Array.from({ length: Math.min(octets, 160) }, (_, index) => (index < 150 ? index : octets - (160 - index)));

describe("names the client, and leaves the rest where it is", () => {
  test.each(GOOD)("%s", (_, header, outcome, address) => {
    for (const rest of [REQUEST, ""]) {
      expect(read(header + rest)).toEqual([outcome, address, rest]);
      for (const split of splitsOf(header.length + rest.length)) {
        expect([split, ...read(header + rest, [split])]).toEqual([split, outcome, address, rest]);
      }
    }
    const octetByOctet = Array.from({ length: Math.min(header.length, 6000) }, (_, index) => index);
    expect(read(header + REQUEST, octetByOctet)).toEqual([outcome, address, REQUEST]);
  });

  test.each(GOOD)("%s: not before its last octet", (_, header) => {
    for (const end of splitsOf(header.length)) expect([end, read(header.slice(0, end))[0]]).toEqual([end, Incomplete]);
  });
});

describe("refuses what is no header", () => {
  test.each(BAD)("%s", (_, header) => {
    expect(read(header + REQUEST)[0]).toBe(Malformed);
    for (const split of splitsOf(header.length)) expect([split, read(header, [split])[0]]).toEqual([split, Malformed]);
  });

  test("at its first octet", () => {
    expect(read("G")[0]).toBe(Malformed);
    expect(read("\r")[0]).toBe(Incomplete);
    expect(read("\r\n\r\n\0\r\nQUIT\r")[0]).toBe(Malformed);
  });
});

test("property: mutations end in one verdict, whatever the split; no address is taken from an incomplete header", () => {
  let named = 0;
  const headers = GOOD.map(([, header]) => header).filter((header) => header.length < 300);
  for (let round = 0; round < 20_000; round++) {
    const bytes = latin1(headers[round % headers.length]! + REQUEST);
    for (let change = 0; change < round % 4; change++) {
      bytes[Math.floor(Math.random() * bytes.length)] = Math.floor(Math.random() * 256);
    }
    const text = bytes.toString("latin1");
    const whole = read(text);
    const cuts = [0, 0, 0].map(() => Math.floor(Math.random() * bytes.length)).sort((a, b) => a - b);
    expect([text, read(text, cuts)]).toEqual([text, whole]);
    if (whole[0] === Named) named++;
    else expect(whole[1] === "-" || whole[0] === Malformed).toBe(true);
  }
  expect(named).toBeGreaterThan(3000);
});
