/** Which clients are admitted, and which have to wait: decisions without sockets. */
import { describe, expect, test } from "bun:test";
import { formatAddress } from "../../src/address/address-text.ts";
import { loadSettings } from "../../src/config/load-settings.ts";
import { parseRequestHead } from "../../src/http/parse-request-head.ts";
import { RequestHead } from "../../src/http/request-head.ts";
import { buildSite, cacheFor } from "../../src/site/build-site.ts";
import { Counter, SLOT_CELLS } from "../../src/stats/layout.ts";
import { Exemption } from "../../src/serving/application.ts";
import { ClientGate, Entrance } from "../../src/serving/client-gate.ts";
import { limitsOf } from "../../src/process/limits-of.ts";
import { privateQuotas } from "../../src/process/quotas.ts";
import { Visitor } from "../../src/serving/visitor.ts";

const NOW_MS = 1_795_000_000_000;
const { AwaitsHeader, Closed, Crowded, Open } = Entrance;

function makeGate(flags: string) {
  const settings = loadSettings({ argv: ["--no-config", ...flags.split(" ")], env: {}, cwd: "/" });
  const values = new Float64Array(SLOT_CELLS);
  const { site } = buildSite(settings, cacheFor(settings), { mayLackRoots: true });
  return { gate: ClientGate.from(settings, privateQuotas(settings), site, values)!, values, settings };
}

function headWith(...lines: readonly string[]): RequestHead {
  const { settings } = makeGate("--proxy-protocol");
  const limits = limitsOf(settings);
  const bytes = Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`);
  const head = new RequestHead(limits.fieldCountMax);
  head.reset(0);
  expect(parseRequestHead(bytes, bytes.length, head, limits)).toBe(bytes.length);
  return head;
}

const HEAD = headWith();

test("there is no gate where nothing asks for one", () => {
  expect(makeGate("--admin-allow 10.0.0.0/8").gate).toBeNull();
});

describe("[deny] and [allow]", () => {
  test.each<[flags: string, address: string, entrance: Entrance]>([
    ["--deny-addresses 203.0.113.0/24", "203.0.113.9", Closed],
    ["--deny-addresses 203.0.113.0/24", "::ffff:203.0.113.9", Closed],
    ["--deny-addresses 203.0.113.0/24", "203.0.112.9", Open],
    ["--deny-addresses ::/0", "2001:db8::1", Closed],
    ["--deny-addresses ::/0", "192.0.2.1", Open],
    ["--allow-addresses 192.0.2.0/24,::1", "192.0.2.1", Open],
    ["--allow-addresses 192.0.2.0/24,::1", "::1", Open],
    ["--allow-addresses 192.0.2.0/24,::1", "192.0.3.1", Closed],
    ["--allow-addresses 192.0.2.0/24 --deny-addresses 192.0.2.7", "192.0.2.7", Closed],
    ["--allow-addresses 192.0.2.7 --deny-addresses 192.0.2.0/24", "192.0.2.7", Closed],
    ["--allow-addresses 192.0.2.0/24", "nonsense", Closed],
  ])("%s: %s", (flags, address, entrance) => {
    const { gate, values } = makeGate(flags);
    expect(gate.meet(new Visitor(), address, false)).toBe(entrance);
    expect(values[Counter.RejectedDeny]).toBe(entrance === Closed ? 1 : 0);
    expect(gate.meet(new Visitor(), address, true)).toBe(Open); // admin_listen has admin_allow
  });

  test("a trusted proxy is judged by the client it names", () => {
    const { gate } = makeGate("--allow-addresses 192.0.2.0/24 --trusted-proxies 10.0.0.0/8");
    const visitor = new Visitor();
    expect(gate.meet(visitor, "10.0.0.1", false)).toBe(Open);
    const statuses = ["192.0.2.1", "192.0.3.1", "192.0.2.2, 10.0.0.2", "unknown"].map((value) => {
      const head = headWith(`X-Forwarded-For: ${value}`);
      gate.identify(visitor, head);
      return gate.refusalOf(visitor, head, Exemption.Nobody, NOW_MS)?.status ?? 200;
    });
    expect(statuses).toEqual([200, 403, 200, 403]);
    gate.identify(visitor, HEAD);
    expect(gate.refusalOf(visitor, HEAD, Exemption.Nobody, NOW_MS)?.status).toBe(403);
  });
});

describe("max_connections_per_ip", () => {
  test("counts what is let in, by client, until it leaves", () => {
    const { gate, values } = makeGate("--max-connections-per-ip 2 --rate-limit-allow 198.51.100.0/24");
    const enter = (address: string) => {
      const visitor = new Visitor();
      return { visitor, entrance: gate.meet(visitor, address, false) };
    };
    const first = [enter("192.0.2.1"), enter("192.0.2.1"), enter("192.0.2.1"), enter("192.0.2.1")];
    expect(first.map(({ entrance }) => entrance)).toEqual([Open, Open, Crowded, Crowded]);
    expect(enter("192.0.2.2").entrance).toBe(Open);
    for (const { visitor } of first.slice(2)) gate.leave(visitor); // weren't let in
    expect(enter("192.0.2.1").entrance).toBe(Crowded);
    gate.leave(first[0]!.visitor);
    gate.leave(first[0]!.visitor);
    expect(["192.0.2.1", "192.0.2.1"].map((address) => enter(address).entrance)).toEqual([Open, Crowded]);
    expect(["2001:db8::1", "2001:db8::2", "2001:db8::3"].map((address) => enter(address).entrance)).toEqual([
      Open,
      Open,
      Crowded,
    ]);
    for (let count = 0; count < 9; count++) expect(enter("198.51.100.1").entrance).toBe(Open);
    expect(values[Counter.RejectedConnectionsPerIp]).toBe(5);
  });
});

test("only some refused clients get the time to read why", () => {
  const { gate } = makeGate("--max-connections-per-ip 1");
  const visitors = Array.from({ length: 80 }, () => new Visitor());
  const times = visitors.map((visitor) => {
    gate.meet(visitor, "192.0.2.1", false);
    return gate.hasTimeForGoodbye;
  });
  expect(times.filter((hasTime) => hasTime).length).toBe(65); // the one that was let in, and 64
  for (const visitor of visitors.slice(1)) gate.leave(visitor);
  expect(gate.hasTimeForGoodbye).toBe(true);
});

describe("rate_limit", () => {
  test("a connection's bucket is its client's, whatever connection asks", () => {
    const { gate, values } = makeGate("--rate-limit-requests-per-second 1 --rate-limit-burst 3");
    const visitors = [new Visitor(), new Visitor()];
    for (const visitor of visitors) expect(gate.meet(visitor, "192.0.2.1", false)).toBe(Open);
    const ask = (index: number, ms = 0) =>
      gate.refusalOf(visitors[index % 2]!, HEAD, Exemption.Nobody, NOW_MS + ms)?.status;
    expect([0, 1, 0, 1, 0].map((index) => ask(index))).toEqual([undefined, undefined, undefined, 429, 429]);
    expect([ask(0, 1100), ask(1, 1100)]).toEqual([undefined, 429]);
    expect(values[Counter.RejectedRateLimit]).toBe(3);
  });

  test("clients that may see the endpoints may always see them; others may not", () => {
    const { gate } = makeGate("--rate-limit-requests-per-second 1 --rate-limit-burst 1 --admin-allow 10.0.0.0/8");
    const [admin, stranger] = [new Visitor(), new Visitor()];
    gate.meet(admin, "10.0.0.1", false);
    gate.meet(stranger, "192.0.2.1", false);
    const ask = (visitor: Visitor) => gate.refusalOf(visitor, HEAD, Exemption.Admins, NOW_MS)?.status;
    expect([ask(admin), ask(admin), ask(stranger), ask(stranger)]).toEqual([undefined, undefined, undefined, 429]);
  });
});

test("what everybody may ask for is refused to nobody, and takes no token", () => {
  const { gate, values } = makeGate("--rate-limit-requests-per-second 1 --rate-limit-burst 1 --deny-addresses ::1");
  const [limited, denied] = [new Visitor(), new Visitor()];
  gate.meet(limited, "192.0.2.1", false);
  gate.meet(denied, "::1", false);
  const ask = (visitor: Visitor, exemption: Exemption) => gate.refusalOf(visitor, HEAD, exemption, NOW_MS)?.status;
  for (const visitor of [limited, limited, denied]) expect(ask(visitor, Exemption.Everybody)).toBeUndefined();
  expect([ask(limited, Exemption.Nobody), ask(limited, Exemption.Nobody)]).toEqual([undefined, 429]);
  // Who may see the endpoints is no more welcome than others.
  expect(ask(denied, Exemption.Admins)).toBe(403);
  expect([values[Counter.RejectedRateLimit], values[Counter.RejectedDeny]]).toEqual([1, 2]); // one at the entrance
});

describe("proxy_protocol", () => {
  const claim = Buffer.from("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n");
  const unknown = Buffer.from("PROXY UNKNOWN\r\n");
  const trusted = "--proxy-protocol --trusted-proxies 10.0.0.0/8";

  test.each<[flags: string, peer: string, header: Buffer, entrance: Entrance, client: string]>([
    ["--proxy-protocol", "203.0.113.1", claim, Open, "192.0.2.1"],
    ["--proxy-protocol", "203.0.113.1", unknown, Open, "203.0.113.1"],
    [trusted, "10.0.0.1", claim, Open, "192.0.2.1"],
    [trusted, "10.0.0.1", unknown, Open, "10.0.0.1"],
    [trusted, "127.0.0.1", unknown, Open, "127.0.0.1"],
    [trusted, "127.0.0.1", claim, Closed, "127.0.0.1"],
    [`${trusted} --deny-addresses 192.0.2.1`, "10.0.0.1", claim, Closed, "192.0.2.1"],
    [trusted, "10.0.0.1", Buffer.from("GET / HTTP/1.1\r\n"), Closed, "10.0.0.1"],
  ])("%s: %s", (flags, peer, header, entrance, client) => {
    const { gate } = makeGate(flags);
    const visitor = new Visitor();
    expect(gate.meet(visitor, peer, false)).toBe(AwaitsHeader);
    gate.readHeader(visitor, header.subarray(0, 1));
    if (header[0] === "P".charCodeAt(0)) expect(gate.entranceAfterHeader(visitor)).toBe(AwaitsHeader);
    gate.readHeader(visitor, header.subarray(1));
    expect(gate.entranceAfterHeader(visitor)).toBe(entrance);
    expect(formatAddress(visitor.client)).toBe(client);
  });

  test("fields of untrusted peers are ignored", () => {
    expect(makeGate(trusted).gate.meet(new Visitor(), "203.0.113.1", false)).toBe(Closed);
  });

  test("there is none on admin_listen", () => {
    expect(makeGate(trusted).gate.meet(new Visitor(), "203.0.113.1", true)).toBe(Open);
  });
});
