import { describe, expect, test } from "bun:test";
import { isIPv6 } from "node:net";
import { isIpv6Address, isSameAuthority, parseAuthority } from "../../src/http/authority.ts";
import { octets } from "./support/octets.ts";
import { Random } from "./support/random.ts";

/** Length of the host; -1 if `text` is no authority. What lies around it would make it another one. */
function hostOctets(text: string): number {
  const hostEnd = parseAuthority(octets(`a${text}:1`), 1, 1 + text.length);
  return hostEnd < 0 ? -1 : hostEnd - 1;
}

describe("authority", () => {
  test.each([
    ["", 0],
    [":80", 0],
    ["a", 1],
    ["a.example", 9],
    ["a.example:80", 9],
    ["a.example:", 9],
    ["a.example.:8080", 10],
    ["my_host-1.example", 17],
    ["127.0.0.1:8080", 9],
    ["999.1.1.1", 9],
    ["%41%c3%BC:1", 9],
    ["!$&'()*+,;=", 11],
    ["a:0", 1],
    ["a:00080", 1],
    ["a:65535", 1],
    ["[::1]", 5],
    ["[::1]:80", 5],
    ["[2001:DB8::192.0.2.1]:", 21],
  ])("%j has a host of %d octets", (text, count) => expect(hostOctets(text)).toBe(count));

  test.each([
    "a b",
    " a",
    "a ",
    "a/b",
    "a?b",
    "a#b",
    "a@b",
    "user:secret@a",
    "a:b",
    "a:80:80",
    "a:-1",
    "a:+1",
    "a:65536",
    "a:999999999999999999999",
    "a:80 ",
    "a\\b",
    "a\tb",
    "a\0",
    "\xe9.example",
    "a%",
    "a%4",
    "a%4g",
    "%:80",
    "::1",
    "[",
    "]",
    "[]",
    "[::1",
    "::1]",
    "[::1]a",
    "[::1]80",
    "[::1]:a",
    "[::1]]",
    "a[::1]",
    "[a]",
    "[127.0.0.1]",
    "[v1.a]",
    "[fe80::1%25eth0]",
    "<script>",
  ])("%j is none", (text) => expect(hostOctets(text)).toBe(-1));
});

describe("IPv6address", () => {
  const isAddress = (text: string) => isIpv6Address(octets(text), 0, text.length);

  test.each([
    "::",
    "::1",
    "1::",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "1::8",
    "2001:db8:0:0:8:800:200C:417A",
    "::ffff:192.0.2.1",
    "1:2:3:4:5:6:255.255.255.255",
    "0000:0000::0000",
  ])("%s is one", (text) => expect(isAddress(text)).toBe(true));

  test.each([
    "",
    ":",
    ":::",
    "1",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "1::2::3",
    "1:::2",
    ":1::",
    "1:2:3:4:5:6:7:",
    ":2:3:4:5:6:7:8",
    "12345::",
    "g::",
    "::1.2.3",
    "::1.2.3.4.5",
    "::1.2.3.256",
    "::1.2.3.04",
    "::1.2.3.",
    "::.1.2.3",
    "::1.2.3.4:5",
    "1.2.3.4::",
    "1:2:3:4:5:6:7:1.2.3.4",
    "1:2:3:4:5:1.2.3.4",
    "::1 ",
    "-1::",
  ])("%j is none", (text) => expect(isAddress(text)).toBe(false));

  test("agrees with the platform on generated texts", () => {
    for (let seed = 1; seed <= 20_000; seed++) {
      const random = new Random(seed);
      let text = "";
      const parts = 1 + random.below(11);
      for (let part = 0; part < parts; part++)
        text += random.pick(["::", ":", ":", "1", "ab", "0", "ffff", "1.2.3.4", "."]);
      expect([seed, text, isAddress(text)]).toEqual([seed, text, isIPv6(text)]);
    }
  });
});

describe("two authorities are the same", () => {
  const isSame = (one: string, other: string, defaultPort = 443) => {
    const bytes = octets(`1${one}2${other}3`);
    const otherStart = 2 + one.length;
    return isSameAuthority(bytes, 1, 1 + one.length, otherStart, otherStart + other.length, defaultPort);
  };

  test.each([
    ["a", "a"],
    ["a.example", "A.EXAMPLE"],
    ["a:80", "a:80"],
    ["a:80", "a:0080"],
    ["a", "a:443"],
    ["a:443", "a:"],
    ["[::1]", "[::1]:443"],
    ["[::A]:1", "[::a]:1"],
    ["my_host~", "MY_host~"],
  ])("%s and %s", (one, other) => {
    expect([isSame(one, other), isSame(other, one)]).toEqual([true, true]);
  });

  test.each([
    ["a", "b"],
    ["a", "aa"],
    ["a", ""],
    ["a", "a."],
    ["a", "a:80"],
    ["a:80", "a:8"],
    ["a:1", "b:1"],
    ["[::1]", "[::2]"],
    ["a-b", "a.b"],
  ])("but not %s and %s", (one, other) => {
    expect([isSame(one, other), isSame(other, one)]).toEqual([false, false]);
  });

  test("by the scheme's own port", () => {
    expect([isSame("a", "a:80", 80), isSame("a", "a:80", 443)]).toEqual([true, false]);
  });
});
