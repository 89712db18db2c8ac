/** Formats of a hand-over: what a former build wrote is understood, and it gets back what it understands. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Settings } from "../../src/config/settings.ts";
import { ADMIN, SITE } from "../../src/master/endpoints.ts";
import {
  decodeHandOver,
  encodeHandOver,
  HAND_OVER_FORMAT,
  isKnownFormat,
  type WrittenHandOver,
} from "../../src/master/hand-over-format.ts";
import { libc } from "../../src/sys/libc.ts";
import { MasterUnderTest, SteadyClient } from "./master-under-test.ts";

const group = (port: number, ...fds: number[]) => {
  return { address: { host: "127.0.0.1", port }, fds, since: 0, steeredTo: "" };
};
const site = { target: { host: "localhost", port: 80 }, groups: [group(80, 5, 6), group(80, 7)] };
const admin = { target: { host: "127.0.0.1", port: 0 }, groups: [group(9090, 8)] };
const none = { target: null, groups: [] };

const others = {
  version: "1",
  settings: {} as Settings,
  configFile: null,
  generation: 4,
  executable: { path: "/saker", fd: 200 },
  statsPath: "/stats",
  startedMs: 1,
  totals: { Requests: [7] },
  workers: [],
  askers: [9],
  failure: "",
};

describe("format 1", () => {
  test.each<[string, object, object[]]>([
    ["both", admin, [{ kind: SITE, ...site }, { kind: ADMIN, ...admin }]], // prettier-ignore
    ["the site alone", none, [{ kind: SITE, ...site }]],
  ])("with %s becomes a list of endpoints, and on the way back what it was", (_what, admin_, endpoints) => {
    const written = { format: 1, ...others, site, admin: admin_ } as WrittenHandOver;
    const handOver = decodeHandOver(written);
    expect(handOver).toEqual({ format: 1, ...others, endpoints } as never);
    expect(encodeHandOver(handOver)).toEqual(written);
  });
});

test.each([HAND_OVER_FORMAT, 2])("format %p is written as it is", (format) => {
  const handOver = { format, ...others, endpoints: [{ kind: SITE, ...site }] };
  expect(encodeHandOver(handOver)).toEqual(handOver);
  expect(decodeHandOver(handOver)).toEqual(handOver);
});

test.each([0, HAND_OVER_FORMAT + 1, Number.NaN])("format %p is not known", (format) => {
  expect(isKnownFormat(format)).toBe(false);
  expect(() => decodeHandOver({ format } as WrittenHandOver)).toThrow(`hand-over of format ${format}`);
});

describe.skipIf(libc === null)("a program of format 1", () => {
  const FORMER = join(import.meta.dir, "fixtures/former-master.ts");

  test("hands over all its sockets, and nobody who connects meanwhile is lost", async () => {
    await using master = new MasterUnderTest({ program: FORMER });
    const [, port, adminPort] = await master.printed(/listening on \S+:(\d+) admin on \S+:(\d+)/);
    master.configure({ port: Number(port), admin_listen: `127.0.0.1:${adminPort}`, server_header: "second" });
    const [first, ofAdmin] = await Promise.all([master.get("/", Number(port)), master.get("/", Number(adminPort))]);
    expect(first).toMatchObject({ generation: 4 });
    expect(ofAdmin).toMatchObject({ generation: 4 });
    await master.printed(/INFO upgraded from 0\.0\.0-former to 0\.0\.0-test/);
    expect(master.stderr).not.toMatch(/ERROR|WARN|0\.0\.0-test listening on/);
    // What it takes over it hands on, in the present format.
    const client = new SteadyClient({ port: Number(port), get: (path, to) => master.get(path, to) });
    master.signal("SIGURG");
    await master.printed(/INFO upgraded from 0\.0\.0-test to 0\.0\.0-test/);
    await client.stop();
    expect(client.failures).toEqual([]);
  });

  test.each([
    ["serve", "fatal", "the fake worker refuses"],
    ["even begin", "early trap", "no/such/folder"],
  ])("gets back what it understands when the new program can't %s", async (_what, server_header, failure) => {
    await using master = new MasterUnderTest({ program: FORMER, settings: { server_header } });
    const [, port, adminPort] = await master.printed(/listening on \S+:(\d+) admin on \S+:(\d+)/);
    const [, json] = await master.printed(/got back (\{.*\})\n/);
    const written = JSON.parse(json!);
    const groupAt = (text: string) => {
      return { target: { host: "127.0.0.1", port: Number(text) }, groups: [{ address: { port: Number(text) } }] };
    };
    expect(written).toMatchObject({ format: 1, generation: 3, sockets: 2, workers: [] });
    expect(written).toMatchObject({ site: groupAt(port!), admin: groupAt(adminPort!) });
    expect(written.failure).toContain(failure);
    expect(written).not.toHaveProperty("endpoints");
    expect(await master.ended()).toBe(0);
  });
});
