/** Addresses from text and from octets inside of others. */
import { describe, expect, test } from "bun:test";
import { isIP } from "node:net";
import { Address, parseAddress, parseAddressOctets } from "../../src/address/address.ts";
import { formatAddress } from "../../src/address/address-text.ts";

const address = new Address();

/** Family and words, or null; read from a text and from the middle of other octets alike. */
function read(text: string): number[] | null {
  const isGood = parseAddress(text, address);
  const words = [address.family, address.word0, address.word1, address.word2, address.word3];
  const octets = new TextEncoder().encode(`1:${text}:1`);
  expect(parseAddressOctets(octets, 2, octets.length - 2, address)).toBe(isGood);
  expect([address.family, address.word0, address.word1, address.word2, address.word3]).toEqual(words);
  return isGood ? words : null;
}

describe("parseAddress", () => {
  test.each([
    ["0.0.0.0", 4, [0]],
    ["1.2.3.4", 4, [0x01020304]],
    ["255.255.255.255", 4, [-1]],
    ["::", 6, [0, 0, 0, 0]],
    ["::1", 6, [0, 0, 0, 1]],
    ["1::", 6, [0x10000, 0, 0, 0]],
    ["2001:db8:0:0:8:800:200c:417a", 6, [0x20010db8, 0, 0x80800, 0x200c417a]],
    ["2001:DB8::8:800:200C:417A", 6, [0x20010db8, 0, 0x80800, 0x200c417a]],
    ["64:ff9b::1.2.3.4", 6, [0x64ff9b, 0, 0, 0x01020304]],
    ["1:2:3:4:5:6:1.2.3.4", 6, [0x10002, 0x30004, 0x50006, 0x01020304]],
    ["1:2:3:4:5:6:7::", 6, [0x10002, 0x30004, 0x50006, 0x70000]],
    ["fe80::1%eth0", 6, [0xfe800000 | 0, 0, 0, 1]],
    ["::ffff:10.1.2.3", 4, [0x0a010203]],
    ["::ffff:a01:203", 4, [0x0a010203]],
    ["0:0:0:0:0:FFFF:10.1.2.3", 4, [0x0a010203]],
  ])("%s", (text, family, words) => {
    expect(read(text)).toEqual([family, ...words, 0, 0, 0].slice(0, 5) as number[]);
  });

  test.each([
    "",
    " ",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.",
    ".1.2.3",
    "256.1.1.1",
    "1.2.3.04",
    "010.0.0.1",
    "0x7f.0.0.1",
    "1.2.3.-4",
    "1.2.3.4 ",
    " 1.2.3.4",
    "1.2.3.4\n",
    "1.2.3.4%eth0",
    "2130706433",
    "localhost",
    ":",
    ":::",
    "1",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "1::2::3",
    "::12345",
    "::g",
    ":1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:",
    "::1.2.3",
    "::1.2.3.4:5",
    "1.2.3.4::",
    "1:2:3:4:5:6:7:1.2.3.4",
    "[::1]",
    "::1%",
    "::1/128",
  ])("refuses %p", (text) => {
    expect(read(text)).toBeNull();
  });

  test("property: agrees with the platform on what is an address, over near misses", () => {
    const parts = ["", ":", "::", "0", "1", "ffff", "12345", "g", "1.2.3.4", "256.1.1.1", "."];
    const texts = parts.flatMap((a) => parts.flatMap((b) => parts.flatMap((c) => parts.map((d) => a + b + c + d))));
    const disagreed = texts.filter((text) => (read(text) !== null) !== (isIP(text) !== 0));
    expect(disagreed).toEqual([]);
  });
});

describe("formatAddress", () => {
  test.each([
    ["1.2.3.4", "1.2.3.4"],
    ["255.255.255.255", "255.255.255.255"],
    ["::", "::"],
    ["::1", "::1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["fe80::1%eth0", "fe80::1"],
    ["nobody", "-"],
  ])("%s is %s", (text, shown) => {
    parseAddress(text, address);
    expect(formatAddress(address)).toBe(shown);
  });

  test("property: is read as the same address again", () => {
    for (let round = 0; round < 2000; round++) {
      const groups = Array.from({ length: 8 }, () => (Math.random() < 0.5 ? 0 : Math.floor(Math.random() * 0x10000)));
      const text = groups.map((group) => group.toString(16)).join(":");
      const words = read(text);
      expect(read(formatAddress(address))).toEqual(words);
    }
  });
});
