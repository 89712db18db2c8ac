/** X-Forwarded-For and Forwarded (RFC 7239), read from the right. */
import { describe, expect, test } from "bun:test";
import { ForwardedNodes } from "../../src/http/forwarded.ts";
import { textOf } from "../../src/http/octets.ts";
import { parseRequestHead } from "../../src/http/parse-request-head.ts";
import { RequestHead } from "../../src/http/request-head.ts";
import { LIMITS } from "./support/head-result.ts";
import { octets } from "./support/octets.ts";
import { Random } from "./support/random.ts";

const LARGE = { ...LIMITS, headOctetsMax: 65_536 };

const nodes = new ForwardedNodes();

function headWith(lines: readonly string[]): RequestHead {
  const bytes = octets(`GET / HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`);
  const head = new RequestHead(LARGE.fieldCountMax);
  head.reset(0);
  expect(parseRequestHead(bytes, bytes.length, head, LARGE)).toBe(bytes.length);
  return head;
}

/** The addresses that a head names, nearest first; "" where a node names none. */
function nodesOf(...lines: readonly string[]): string[] {
  nodes.begin(headWith(lines));
  const found: string[] = [];
  while (nodes.next() && found.length < 100) found.push(textOf(nodes.bytes, nodes.start, nodes.end));
  return found;
}

describe("X-Forwarded-For", () => {
  test.each<[value: string, nodes: string[]]>([
    ["", []],
    ["203.0.113.7", ["203.0.113.7"]],
    ["203.0.113.7, 10.0.0.1,10.0.0.2", ["10.0.0.2", "10.0.0.1", "203.0.113.7"]],
    ["203.0.113.7:4711", ["203.0.113.7"]],
    ["2001:db8::1", ["2001:db8::1"]],
    ["[2001:db8::1]", ["2001:db8::1"]],
    ["[2001:db8::1]:4711", ["2001:db8::1"]],
    ["unknown", ["unknown"]],
    [",, ,\t203.0.113.7, ,", ["203.0.113.7"]],
    [",", []],
    ["203.0.113.7:", [""]],
    ["[2001:db8::1", [""]],
    ["[2001:db8::1]x", [""]],
    ['"203.0.113.7"', ['"203.0.113.7"']],
    ['"1.1.1.1, 203.0.113.7', ["203.0.113.7", '"1.1.1.1']],
  ])("%p", (value, found) => expect(nodesOf(`X-Forwarded-For: ${value}`)).toEqual(found));

  test("several lines are one list", () => {
    const lines = ["X-Forwarded-For: 1.1.1.1, 2.2.2.2", "X-Forwarded-For:", "Accept: x", "X-Forwarded-For: 3.3.3.3"];
    expect(nodesOf(...lines)).toEqual(["3.3.3.3", "2.2.2.2", "1.1.1.1"]);
  });

  test("wins over Forwarded, even where it says nothing", () => {
    expect(nodesOf("Forwarded: for=1.1.1.1", "X-Forwarded-For: 2.2.2.2")).toEqual(["2.2.2.2"]);
    expect(nodesOf("Forwarded: for=1.1.1.1", "X-Forwarded-For: ,")).toEqual([]);
  });
});

describe("Forwarded (RFC 7239)", () => {
  test.each<[value: string, nodes: string[]]>([
    ["for=192.0.2.60;proto=http;by=203.0.113.43", ["192.0.2.60"]],
    ['For="[2001:db8:cafe::17]:4711"', ["2001:db8:cafe::17"]],
    ["for=192.0.2.43, for=198.51.100.17", ["198.51.100.17", "192.0.2.43"]],
    ['for=192.0.2.43, for="[2001:db8:cafe::17]"', ["2001:db8:cafe::17", "192.0.2.43"]],
    ['for="192.0.2.43:47011"', ["192.0.2.43"]],
    ["for=192.0.2.43:_port", ["192.0.2.43"]],
    ["for=2001:db8::1", ["2001:db8::1"]],
    ["proto=https; for=192.0.2.1 ;by=_x", ["192.0.2.1"]],
    ["for=unknown", ["unknown"]],
    ["for=_hidden, for=_SEVKISEK", ["_SEVKISEK", "_hidden"]],
    ['host="a,b;for=1.1.1.1";for=192.0.2.1', ["192.0.2.1"]],
    ['host="a\\",for=1.1.1.1";for=192.0.2.1, for=192.0.2.2', ["192.0.2.2", "192.0.2.1"]],
    ["by=203.0.113.43", [""]],
    ["for=192.0.2.1;for=192.0.2.2", [""]],
    ["for", [""]],
    ["for=", [""]],
    ["=192.0.2.1", [""]],
    ["for = 192.0.2.1", [""]],
    ['for="192.0.2.1', [""]],
    ['for="192.0.2.1"x', [""]],
    ["for=192.0.2.1 by=x", [""]],
    ["forx=192.0.2.1", [""]],
    [";;for=192.0.2.1;", ["192.0.2.1"]],
    [", ,", []],
  ])("%p", (value, found) => expect(nodesOf(`Forwarded: ${value}`)).toEqual(found));
});

describe("what a client writes can't hide what its proxy adds", () => {
  const random = new Random(7239);
  const pieces = ['"', "\\", ",", ";", "for=", "1.2.3.4", "[", "]", "::1", " ", "\t", "=", "unknown", '="', '\\"', "é"];
  const added = ["203.0.113.9", "[2001:db8::9]:80", "2001:db8::9", "203.0.113.9:80"];

  test.each(["X-Forwarded-For", "Forwarded"])("property: %s", (name) => {
    for (let round = 0; round < 5000; round++) {
      const junk = Array.from({ length: random.below(12) }, () => pieces[random.below(pieces.length)]).join("");
      const address = added[random.below(added.length)]!;
      const element = name === "Forwarded" ? `proto=http;for="${address}";by=_x` : address;
      const [nearest] = nodesOf(`${name}: ${junk}, ${element}`);
      expect(`${junk}: ${nearest}`).toBe(`${junk}: ${address.includes(".") ? "203.0.113.9" : "2001:db8::9"}`);
      expect(nodesOf(`${name}: ${junk}`, `${name}: ${element}`)[0]).toBe(nearest!);
    }
  });
});

describe("hostile lengths", () => {
  test.each([
    ["commas", ",".repeat(10_000)],
    ["nodes", "1.1.1.1,".repeat(1500)],
    ["quotes", 'for="'.repeat(2500)],
    ["escapes", 'for="' + '\\"'.repeat(5000)],
  ])("of %s end in garbage, and soon", (_, value) => {
    for (const name of ["X-Forwarded-For", "Forwarded"]) {
      nodes.begin(headWith([`${name}: ${value}`]));
      let count = 0;
      let isGarbage = false;
      while (!isGarbage && nodes.next() && count++ < 1000) isGarbage = nodes.start === nodes.end;
      expect(count).toBeLessThanOrEqual(65);
    }
  });
});
