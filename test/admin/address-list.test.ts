import { describe, expect, test } from "bun:test";
import { isIP } from "node:net";
import { AddressError, AddressList, LOCAL_RANGES, parseAddress } from "../../src/admin/address-list.ts";
import { SETTINGS } from "../../src/config/settings.ts";

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
    expect(parseAddress(text)).toEqual({ family: family as 4 | 6, words });
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
    expect(parseAddress(text)).toBeNull();
  });

  test("property: agrees with the platform on what is an address, over near misses", () => {
    const parts = ["", ":", "::", "0", "1", "ffff", "12345", "g", "1.2.3.4", "256.1.1.1", "."];
    const texts = parts.flatMap((a) => parts.flatMap((b) => parts.flatMap((c) => parts.map((d) => a + b + c + d))));
    const disagreed = texts.filter((text) => (parseAddress(text) !== null) !== (isIP(text) !== 0));
    expect(disagreed).toEqual([]);
  });
});

describe("AddressList", () => {
  test.each([
    // entry, inside, outside
    ["10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.9.9.9"], ["9.255.255.255", "11.0.0.0", "::10.0.0.1"]],
    ["10.1.2.3/8", ["10.9.9.9"], ["11.1.2.3"]],
    ["172.16.0.0/12", ["172.16.0.0", "172.31.255.255"], ["172.15.255.255", "172.32.0.0"]],
    ["192.168.1.1", ["192.168.1.1", "::ffff:192.168.1.1"], ["192.168.1.0", "192.168.1.2"]],
    ["192.168.1.1/32", ["192.168.1.1"], ["192.168.1.0"]],
    ["192.168.1.0/31", ["192.168.1.0", "192.168.1.1"], ["192.168.1.2"]],
    ["128.0.0.0/1", ["128.0.0.0", "255.255.255.255"], ["127.255.255.255"]],
    ["0.0.0.0/0", ["0.0.0.0", "255.255.255.255", "::ffff:1.2.3.4"], ["::", "::1", "2001:db8::1"]],
    ["::/0", ["::", "::1", "2001:db8::1"], ["1.2.3.4", "::ffff:1.2.3.4"]],
    ["::1", ["::1", "0:0:0:0:0:0:0:1", "::1%lo"], ["::", "::2", "127.0.0.1", "::ffff:0.0.0.1"]],
    ["fc00::/7", ["fc00::", "fdff:ffff::1"], ["fbff::", "fe00::"]],
    ["fe80::/10", ["fe80::1", "febf::1", "fe80::1%eth0"], ["fe7f::1", "fec0::"]],
    ["2001:db8::/33", ["2001:db8:7fff::"], ["2001:db8:8000::"]],
    ["2001:db8::/127", ["2001:db8::", "2001:db8::1"], ["2001:db8::2"]],
    ["::ffff:10.0.0.0/104", ["10.1.2.3", "::ffff:10.1.2.3"], ["11.0.0.0", "::10.1.2.3"]],
    ["::ffff:10.0.0.1", ["10.0.0.1"], ["10.0.0.2"]],
    ["::ffff:0:0/90", ["::fffe:1.2.3.4"], ["1.2.3.4", "::ffff:1.2.3.4"]],
  ])("%s", (entry, inside, outside) => {
    const list = new AddressList([entry]);
    expect(inside.filter((address) => !list.includes(address))).toEqual([]);
    expect(outside.filter((address) => list.includes(address))).toEqual([]);
  });

  test.each(["", "unknown", "/run/saker.sock", "10.0.0.1:8080", "10.0.0.1, 8.8.8.8", "10.0.0.0/8", "010.0.0.1"])(
    "%p is in no list, not even of everything",
    (text) => {
      expect(new AddressList(["0.0.0.0/0", "::/0"]).includes(text)).toBe(false);
    },
  );

  test("an empty list holds nothing", () => {
    expect(new AddressList([]).includes("127.0.0.1")).toBe(false);
  });

  test.each([
    ["", /"" is neither/],
    ["localhost", /"localhost" is neither an IP address nor a range/],
    ["10/8", /is neither/],
    ["10.0.0.0/", /must be in 0\.\.32/],
    ["10.0.0.0/33", /must be in 0\.\.32/],
    ["10.0.0.0/-1", /must be in 0\.\.32/],
    ["10.0.0.0/8.0", /must be in 0\.\.32/],
    ["10.0.0.0/255.0.0.0", /must be in 0\.\.32/],
    ["10.0.0.0/8/8", /is neither/],
    ["10.0.0.0 /8", /is neither/],
    ["::/129", /must be in 0\.\.128/],
    ["fe80::1%eth0", /is neither/],
    ["fe80::%eth0/10", /is neither/],
    ["*", /is neither/],
  ])("refuses the entry %p, and names it", (entry, reason) => {
    expect(() => new AddressList(["127.0.0.1", entry])).toThrow(AddressError);
    expect(() => new AddressList(["127.0.0.1", entry])).toThrow(reason);
  });
});

describe("LOCAL_RANGES", () => {
  const local = new AddressList(LOCAL_RANGES);

  test.each(["127.0.0.1", "::1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "fd00::1", "::ffff:10.0.0.1"])(
    "%s is also in the default of the setting admin_allow",
    (address) => {
      expect(new AddressList(SETTINGS.admin_allow.default).includes(address)).toBe(true);
    },
  );

  test.each([
    ["127.0.0.1", true],
    ["127.255.0.1", true],
    ["::1", true],
    ["::ffff:127.0.0.1", true],
    ["10.0.0.1", true],
    ["172.17.0.2", true],
    ["192.168.0.1", true],
    ["fd12:3456::1", true],
    ["fe80::1%eth0", true],
    ["0.0.0.0", false],
    ["8.8.8.8", false],
    ["::ffff:8.8.8.8", false],
    ["128.0.0.1", false],
    ["172.15.0.1", false],
    ["172.32.0.1", false],
    ["192.169.0.1", false],
    ["169.254.169.254", false],
    ["100.64.0.1", false],
    ["::", false],
    ["::127.0.0.1", false],
    ["2001:db8::1", false],
    ["2606:4700::1111", false],
    ["", false],
  ])("%s: %p", (address, isLocal) => {
    expect(local.includes(address)).toBe(isLocal);
  });
});
