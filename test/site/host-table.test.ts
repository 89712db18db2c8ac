/** Which host a name means. */
import { describe, expect, test } from "bun:test";
import { parseRequestHead } from "../../src/http/parse-request-head.ts";
import { RequestHead } from "../../src/http/request-head.ts";
import { HostTable } from "../../src/site/host-table.ts";

const table = new HostTable<string>([
  ["Example.com", "exact"],
  ["*.example.com", "wild"],
  ["*.deep.example.com", "deep"],
  ["www.deep.example.com.", "www"],
  ["127.0.0.1", "v4"],
  ["[::1]", "v6"],
]);

describe("find", () => {
  test.each([
    ["example.com", "exact"],
    ["EXAMPLE.COM", "exact"],
    ["example.com.", "exact"],
    ["a.example.com", "wild"],
    ["a.b.example.com", "wild"],
    ["deep.example.com", "wild"],
    ["a.deep.example.com", "deep"],
    ["www.deep.example.com", "www"],
    ["127.0.0.1", "v4"],
    ["[::1]", "v6"],
    ["example.org", null],
    ["notexample.com", null],
    ["example.com.evil.example", null],
    [".example.com", null],
    ["example.com..", null],
    ["", null],
    ["*", null],
    ["*.example.com.evil", null],
    ["__proto__", null],
  ])("%j is %j", (name, host) => expect(table.find(name)).toBe(host));
  test("* is everyone else", () => {
    const all = new HostTable<string>([
      ["a.example", "a"],
      ["*", "rest"],
    ]);
    expect(all.find("a.example")).toBe("a");
    expect(all.find("b.example")).toBe("rest");
  });
});

test.each([
  ["EXAMPLE.com", "Example.com"],
  ["www.deep.example.com", "www.deep.example.com."],
  ["a.deep.example.com", "*.deep.example.com"],
  ["b.a.example.com.", "*.example.com"],
  ["example.org", undefined],
])("%j is matched by the name %j", (name, configured) => expect(table.match(name)?.name).toBe(configured));

describe("of a request", () => {
  const head = new RequestHead(100);
  const limits = { headOctetsMax: 16_384, targetOctetsMax: 8192, fieldCountMax: 100, contentOctetsMax: 0 };
  const hostOf = (text: string): string | null => {
    const octets = Buffer.from(`${text}\r\n\r\n`, "latin1");
    head.reset(0);
    expect(parseRequestHead(octets, octets.length, head, limits)).toBe(octets.length);
    return table.of(head);
  };
  test.each([
    ["GET / HTTP/1.1\r\nHost: example.com", "exact"],
    ["GET / HTTP/1.1\r\nHost: example.com:8080", "exact"],
    ["GET / HTTP/1.1\r\nHost: example.com:8080", "exact"],
    ["GET / HTTP/1.1\r\nHost: example.com:", "exact"],
    ["GET / HTTP/1.1\r\nHost: Example.Com.:80", "exact"],
    ["GET / HTTP/1.1\r\nHost: a.example.com", "wild"],
    ["GET / HTTP/1.1\r\nHost: [::1]:8080", "v6"],
    ["GET http://a.deep.example.com/ HTTP/1.1\r\nHost: example.com", "deep"],
    ["GET / HTTP/1.1\r\nHost: nobody", null],
    ["GET / HTTP/1.1\r\nHost: nobody", null],
    [`GET / HTTP/1.1\r\nHost: ${"a".repeat(400)}`, null],
    [`GET / HTTP/1.1\r\nHost: ${"b".repeat(400)}`, null],
  ])("%j is for %j", (text, host) => {
    expect(hostOf(text)).toBe(host);
    expect(hostOf(text)).toBe(host);
  });

  test("in any order, whatever came before", () => {
    const names = ["example.com", "a.example.com", "example.con", "example.co", "EXAMPLE.com", "x", "127.0.0.1"];
    for (let round = 0; round < 500; round++) {
      const name = names[(round * 7 + (round >> 3)) % names.length]!;
      expect(hostOf(`GET / HTTP/1.1\r\nHost: ${name}`)).toBe(table.find(name));
    }
  });

  test("a flood of names is forgotten, and no host is mistaken for another", () => {
    for (let number = 0; number < 3000; number++) {
      expect(hostOf(`GET / HTTP/1.1\r\nHost: n${number}.example.com`)).toBe("wild");
      expect(hostOf(`GET / HTTP/1.1\r\nHost: n${number}.example`)).toBeNull();
    }
  });
});
