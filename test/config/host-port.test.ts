import { describe, expect, test } from "bun:test";
import { formatHostPort, isHost, isHostPort, listenAddressesOf, parseHostPort } from "../../src/config/host-port.ts";

describe("isHost", () => {
  test.each([
    "0.0.0.0",
    "127.0.0.1",
    "::",
    "::1",
    "fe80::1%eth0",
    "localhost",
    "a-b.example.org",
    "example.org.",
    "a_b",
  ])("accepts %p", (text) => expect(isHost(text)).toBe(true));
  test.each([
    ["nothing", ""],
    ["an octet beyond 255", "1.2.3.256"],
    ["three numbers", "1.2.3"],
    ["a number", "8080"],
    ["a port too", "localhost:80"],
    ["brackets", "[::1]"],
    ["a star", "*"],
    ["a URL", "http://localhost"],
    ["a slash", "localhost/"],
    ["a space", "local host"],
    ["a line break", "localhost\n"],
    ["an empty label", "a..b"],
    ["a hyphen at the start of a label", "-a.b"],
    ["a hyphen at the end of a label", "a-.b"],
    ["a label of 64 characters", "a".repeat(64)],
    ["a name of 254 characters", `${"a.".repeat(126)}aa`],
    ["half an IPv6 address", ":::1"],
    ["letters outside US-ASCII", "münchen.de"],
  ])("refuses %s", (_, text) => expect(isHost(text)).toBe(false));
});

describe("parseHostPort", () => {
  test.each([
    ["127.0.0.1:9090", "127.0.0.1", 9090],
    ["[::1]:9090", "::1", 9090],
    [":9090", "", 9090],
    ["9090", "", 9090],
    ["localhost:0", "localhost", 0],
    ["[::]:65535", "::", 65535],
  ])("takes %p apart", (text, host, port) => expect(parseHostPort(text)).toEqual({ host, port }));
  test.each([
    ["nothing", ""],
    ["a colon", ":"],
    ["no port", "127.0.0.1"],
    ["no port after a colon", "127.0.0.1:"],
    ["a port beyond 65535", "127.0.0.1:65536"],
    ["a port of six digits", "127.0.0.1:000080"],
    ["a negative port", "127.0.0.1:-1"],
    ["an IPv6 address without brackets", "::1:9090"],
    ["IPv4 in brackets", "[127.0.0.1]:9090"],
    ["nothing in brackets", "[]:9090"],
    ["an open bracket", "[::1:9090"],
    ["a bad host", "a b:9090"],
    ["a path", "127.0.0.1:9090/"],
    ["a line break", "127.0.0.1:9090\n"],
  ])("refuses %s", (_, text) => {
    expect(parseHostPort(text)).toBeNull();
    expect(isHostPort(text)).toBe(false);
  });
});

describe("listenAddressesOf", () => {
  test.each([
    ["127.0.0.1", ["127.0.0.1"]],
    ["0.0.0.0", ["0.0.0.0"]],
    ["::1", ["::1"]],
    ["fe80::1%eth0", ["fe80::1%eth0"]],
    ["::", ["::"]],
    ["0:0::0", ["::"]],
    ["localhost", ["127.0.0.1", "::1"]],
    ["LOCALHOST.", ["127.0.0.1", "::1"]],
    ["localhost.example.org", null],
    ["example.org", null],
  ])("%s", (host, addresses) => expect(listenAddressesOf(host)).toEqual(addresses));
});

describe("formatHostPort", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1:80"],
    ["::1", "[::1]:80"],
    ["example.org", "example.org:80"],
  ])("%s", (host, text) => expect(formatHostPort(host, 80)).toBe(text));
});
