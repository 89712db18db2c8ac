/** Who is at the other end of a connection, with and without a gate. */
import { describe, expect, test } from "bun:test";
import { loadSettings } from "../../src/config/load-settings.ts";
import { privateQuotas } from "../../src/process/quotas.ts";
import { Exemption } from "../../src/serving/application.ts";
import { Client } from "../../src/serving/client.ts";
import { ClientGate, Entrance } from "../../src/serving/client-gate.ts";
import { buildSite, cacheFor } from "../../src/site/build-site.ts";
import { Counter, SLOT_CELLS } from "../../src/stats/layout.ts";
import { headOf } from "../http/support/head-result.ts";
import { FakeLink } from "./support/fake-link.ts";

const headWith = (lines = "") => headOf(`GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`);

function clientFrom(remoteAddress: string, flags = "", hasPort: boolean | null = null) {
  const values = new Float64Array(SLOT_CELLS);
  const link = new FakeLink();
  link.remoteAddress = remoteAddress;
  const argv = ["--no-config", ...flags.split(" ").filter((flag) => flag !== "")];
  const settings = loadSettings({ argv, env: {}, cwd: "/" });
  const { site } = buildSite(settings, cacheFor(settings), { mayLackRoots: true });
  const gate = ClientGate.from(settings, privateQuotas(settings), site, values);
  const client = new Client({ gate, clientLogging: hasPort === null ? null : { hasPort } }, link);
  return { client, link, values };
}

const loggedAddress = (client: Client): string => Buffer.from(client.forLog()!.address).toString("latin1");

describe("without a gate", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8::1", "2001:db8::1"],
    ["", "-"],
  ])("%j is %s, and everybody may come in and ask", (remoteAddress, address) => {
    const { client } = clientFrom(remoteAddress);
    expect(client.enter(false)).toBe(Entrance.Open);
    expect([client.address, client.isGuarded, client.isTrusted]).toEqual([address, false, false]);
    expect(client.refusalOf(headWith(), Exemption.Nobody, 0)).toBeNull();
    expect(client.hasTimeForGoodbye).toBe(true);
    client.identify(headWith("X-Forwarded-For: 192.0.2.9\r\n"));
    client.identifyAsPeer();
    client.leave();
    expect(client.address).toBe(address);
  });
});

describe("in the log", () => {
  test("there is none without a log", () => {
    const { client } = clientFrom("192.0.2.1");
    client.enter(false);
    expect(client.forLog()).toBeNull();
  });

  test.each([
    [false, 0],
    [true, 80],
  ])("it is the same object for all its requests; with a port: %p", (hasPort, serverPort) => {
    const { client, link } = clientFrom("192.0.2.1", "", hasPort);
    client.enter(false);
    const logged = client.forLog()!;
    expect([loggedAddress(client), logged.serverPort]).toEqual(["192.0.2.1", serverPort]);
    link.remoteAddress = ""; // it has left
    expect(client.forLog()).toBe(logged);
  });

  test("the next client of the connection object is another", () => {
    const { client, link } = clientFrom("192.0.2.1", "", false);
    client.enter(false);
    client.forLog();
    client.leave();
    link.remoteAddress = "192.0.2.2";
    client.enter(false);
    expect(loggedAddress(client)).toBe("192.0.2.2");
  });

  test("behind a trusted proxy it changes with the requests", () => {
    const { client } = clientFrom("10.0.0.1", "--trusted-proxies 10.0.0.0/8", false);
    expect(client.enter(false)).toBe(Entrance.Open);
    const seen = ["192.0.2.1", "192.0.2.1", "192.0.2.2"].map((address) => {
      client.identify(headWith(`X-Forwarded-For: ${address}\r\n`));
      return [client.address, loggedAddress(client)];
    });
    expect(seen).toEqual([
      ["192.0.2.1", "192.0.2.1"],
      ["192.0.2.1", "192.0.2.1"],
      ["192.0.2.2", "192.0.2.2"],
    ]);
    client.identifyAsPeer();
    expect(loggedAddress(client)).toBe("10.0.0.1");
    expect(client.isTrusted).toBe(true);
  });
});

test("the header of the PROXY protocol names it, in pieces", () => {
  const { client } = clientFrom("10.0.0.1", "--proxy-protocol", false);
  expect(client.enter(false)).toBe(Entrance.AwaitsHeader);
  expect(client.readHeader(Buffer.from("PROXY TCP4 192.0.2.1 "))).toBe(21);
  expect(client.entranceAfterHeader()).toBe(Entrance.AwaitsHeader);
  expect(client.readHeader(Buffer.from("192.0.2.2 1 2\r\nGET /"))).toBe(15);
  expect(client.entranceAfterHeader()).toBe(Entrance.Open);
  expect([client.address, loggedAddress(client)]).toEqual(["192.0.2.1", "192.0.2.1"]);
});

test("what the gate counts, it counts once", () => {
  const { client, values } = clientFrom("192.0.2.1", "--max-connections-per-ip 1 --rate-limit-requests-per-second 1");
  const enter = (): Entrance => client.enter(false);
  for (let count = 0; count < 3; count++) {
    expect(enter()).toBe(Entrance.Open);
    client.leave();
    client.leave();
  }
  expect(values[Counter.RejectedConnectionsPerIp]).toBe(0);
});
