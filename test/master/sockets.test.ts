/** Endpoints that come and go: all of a change or nothing. */
import { afterEach, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { loadSettings } from "../../src/config/load-settings.ts";
import { ADMIN, SITE } from "../../src/master/endpoints.ts";
import { type EndpointAddresses, endpointsAfter, openedBy, Sockets } from "../../src/master/sockets.ts";
import { libc } from "../../src/sys/libc.ts";

const settingsOf = (...argv: string[]) => {
  return loadSettings({ argv: ["--no-config", "--host", "127.0.0.1", "--port", "0", ...argv], env: {}, cwd: "/" });
};
const ALONE = settingsOf();
const BOTH = settingsOf("--admin-listen", "0");

const opened: Sockets[] = [];
afterEach(() => opened.splice(0).forEach((sockets) => sockets.close()));

async function open(settings = ALONE): Promise<Sockets> {
  const sockets = await Sockets.open(settings, 2);
  opened.push(sockets);
  return sockets;
}

const namesOf = (endpoints: readonly { kind: EndpointAddresses["kind"] }[]) => endpoints.map(({ kind }) => kind.name);
const descriptorCount = () => readdirSync("/proc/self/fd").length;

describe.skipIf(libc === null)("Sockets", () => {
  test("has the endpoints that the settings ask for, the site first", async () => {
    const sockets = await open(BOTH);
    expect(sockets.endpoints.map(({ kind }) => kind)).toEqual([SITE, ADMIN]);
    expect(sockets.endpoints.map(({ groups }) => groups[0]!.fds.length)).toEqual([2, 2]);
    expect(sockets.mainPort).toBe(sockets.addresses[0]!.addresses[0]!.port);
    expect(namesOf((await open()).endpoints)).toEqual(["site"]);
  });

  test("an endpoint that is new is opened beside the others, which keep their sockets", async () => {
    const sockets = await open();
    const [before] = sockets.endpoints;
    const change = await sockets.prepare(BOTH, 2, 1);
    expect(namesOf(sockets.endpoints)).toEqual(["site"]);
    expect(namesOf(endpointsAfter(change))).toEqual(["site", "admin"]);
    expect(openedBy(change).map(({ addresses }) => addresses.length)).toEqual([0, 1]);
    sockets.adopt(change);
    expect(sockets.endpoints[0]).toEqual(before!);
    expect(sockets.endpoints[1]!.groups[0]).toMatchObject({ since: 1 });
  });

  test("one that is wanted no more is closed to new clients, and released when it is told", async () => {
    const before = descriptorCount();
    const sockets = await open(BOTH);
    const change = await sockets.prepare(ALONE, 2, 1);
    expect(namesOf(endpointsAfter(change))).toEqual(["site"]);
    sockets.adopt(change);
    expect(namesOf(sockets.endpoints)).toEqual(["site"]);
    expect(descriptorCount()).toBe(before + 4);
    await sockets.lastArrivals();
    sockets.closeLeft();
    expect(descriptorCount()).toBe(before + 2);
    // And it may come again.
    sockets.adopt(await sockets.prepare(BOTH, 2, 2));
    expect(namesOf(sockets.endpoints)).toEqual(["site", "admin"]);
  });

  test("when one can't be opened, the others stay as they were", async () => {
    const sockets = await open();
    const taken = await open();
    const before = descriptorCount();
    const wish = settingsOf("--host", "127.0.0.2", "--admin-listen", `127.0.0.1:${taken.mainPort}`);
    await expect(sockets.prepare(wish, 5, 1)).rejects.toThrow("is in use");
    expect(descriptorCount()).toBe(before);
    expect(sockets.endpoints[0]!.groups[0]!.fds).toHaveLength(2);
    sockets.abandon(await sockets.prepare(BOTH, 5, 1));
    expect(descriptorCount()).toBe(before);
  });

  test("what another program handed over is as it had it", async () => {
    const sockets = await open(BOTH);
    expect(Sockets.inherited(sockets.endpoints).endpoints).toEqual(sockets.endpoints);
  });

  test("left, nothing is listened on", async () => {
    const before = descriptorCount();
    const sockets = await open(BOTH);
    sockets.leave();
    expect(sockets.endpoints).toEqual([]);
    sockets.closeLeft();
    expect(descriptorCount()).toBe(before);
  });
});
