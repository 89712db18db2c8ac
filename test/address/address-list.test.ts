import { describe, expect, test } from "bun:test";
import { AddressError, AddressList, isAddressRange, LOCAL_RANGES } from "../../src/address/address-list.ts";
import { SETTINGS } from "../../src/config/setting-rows.ts";

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
    expect(inside.filter((address) => !list.includesText(address))).toEqual([]);
    expect(outside.filter((address) => list.includesText(address))).toEqual([]);
  });

  test.each(["", "unknown", "/run/saker.sock", "10.0.0.1:8080", "10.0.0.1, 8.8.8.8", "10.0.0.0/8", "010.0.0.1"])(
    "%p is in no list, not even of everything",
    (text) => {
      expect(new AddressList(["0.0.0.0/0", "::/0"]).includesText(text)).toBe(false);
    },
  );

  test("an empty list holds nothing", () => {
    expect(new AddressList([]).includesText("127.0.0.1")).toBe(false);
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

test("property: many ranges, some inside of others, answer as each of them would", () => {
  const pick = (count: number) => Math.floor(Math.random() * count);
  const ipv4 = () => `${pick(2) + 10}.${pick(3)}.${pick(3)}.${pick(4)}`;
  const ipv6 = () => `2001:db8:${pick(2)}:${pick(2)}::${pick(2) === 0 ? "" : "ffff:"}${pick(3)}`;
  for (let round = 0; round < 300; round++) {
    const entries = Array.from({ length: pick(12) }, () =>
      pick(2) === 0 ? `${ipv4()}/${8 + pick(25)}` : `${ipv6()}/${24 + pick(105)}`,
    );
    const whole = new AddressList(entries);
    const single = entries.map((entry) => new AddressList([entry]));
    for (let asked = 0; asked < 40; asked++) {
      const text = pick(2) === 0 ? ipv4() : ipv6();
      const isInOne = single.some((list) => list.includesText(text));
      expect(`${entries} ${text} ${whole.includesText(text)}`).toBe(`${entries} ${text} ${isInOne}`);
    }
  }
});

describe("LOCAL_RANGES", () => {
  const local = new AddressList(LOCAL_RANGES);

  test("are the default of the setting admin_allow", () => {
    expect(SETTINGS.admin_allow.default).toBe(LOCAL_RANGES);
  });

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
    expect(local.includesText(address)).toBe(isLocal);
  });
});

describe("isAddressRange", () => {
  test.each([
    "10.0.0.0/8",
    "10.1.2.3",
    "0.0.0.0/0",
    "1.2.3.4/32",
    "::1",
    "fc00::/7",
    "::/0",
    "::1/128",
    "::ffff:1.2.3.4/128",
  ])("accepts %p", (text) => expect(isAddressRange(text)).toBe(true));
  test.each([
    ["nothing", ""],
    ["a name", "localhost"],
    ["33 bits of IPv4", "10.0.0.0/33"],
    ["129 bits of IPv6", "::1/129"],
    ["no bits after the slash", "10.0.0.0/"],
    ["a netmask", "10.0.0.0/255.0.0.0"],
    ["two slashes", "10.0.0.0/8/8"],
    ["negative bits", "10.0.0.0/-1"],
    ["a leading zero, which some read as octal", "010.0.0.0/8"],
    ["a zone", "fe80::1%eth0"],
    ["spaces", " 10.0.0.0/8"],
    ["half an address", "10.0/8"],
  ])("refuses %s", (_, text) => expect(isAddressRange(text)).toBe(false));
});
