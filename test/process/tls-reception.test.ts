/** Connections to a port of HTTPS, over real sockets within this process: what becomes of each before it speaks HTTP. */
import { afterEach, describe, expect, test } from "bun:test";
import type { TCPSocketListener } from "bun";
import { TlsReception, type Accepted } from "../../src/process/tls-reception.ts";
import { Counter, Gauge } from "../../src/stats/layout.ts";
import type { HostContexts, TlsContext } from "../../src/tls/host-contexts.ts";
import { makeSecureContext } from "../../src/tls/secure-context.ts";
import { type ServiceOptions, ServiceUnderTest } from "../serving/support/service-under-test.ts";
import { makePair } from "../support/certificates.ts";
import { until } from "../support/deadline.ts";
import { RawClient, type TlsChoice } from "../support/raw-client.ts";
import { requestOctets } from "../support/saker.ts";
import { Seconds } from "../../src/units.ts";

const { certificate, key } = makePair(["127.0.0.1"]);
const context: TlsContext = {
  native: makeSecureContext({
    certificates: [certificate],
    keys: [key],
    clientCa: [],
    clientCrl: [],
    minVersion: "1.2",
    asksClients: false,
  }),
  policy: "off",
  label: "test",
};

/** A hello that has only begun. */
const HALF_HELLO = Buffer.from("16030100", "hex");

class ReceptionUnderTest implements Disposable {
  readonly under: ServiceUnderTest;
  private readonly listener: TCPSocketListener<Accepted>;
  /** What names are answered with; to fail in a handshake, it throws. */
  choose: (name: string | null) => TlsContext = () => context;

  constructor(options: Partial<ServiceOptions> = {}) {
    const contexts = {
      contextFor: (name: string | null) => this.choose(name),
      admits: () => true,
      refresh: () => false,
    } as unknown as HostContexts;
    const ports = { http: 80, https: 443 };
    this.under = new ServiceUnderTest({ files: { "a.txt": "hello" }, contexts, ports, ...options });
    const { service } = this.under;
    const { handlers } = new TlsReception(service, service.arrivalParts());
    this.listener = Bun.listen({ hostname: "127.0.0.1", port: 0, allowHalfOpen: true, socket: handlers } as never);
  }

  connect(tls?: TlsChoice): Promise<RawClient> {
    return RawClient.connect(this.listener.port, { tls });
  }

  count(cell: Counter | Gauge): number {
    return this.under.service.slot.values[cell]!;
  }

  /** So many handshakes are done for the server, too. */
  async shaken(count: number): Promise<void> {
    await until(() => this.count(Counter.TlsHandshakes13) === count, `${count} handshakes are done`);
  }

  /** So many connections are open. */
  async open(count: number): Promise<void> {
    await until(() => this.count(Gauge.ConnectionsActive) === count, `${count} connections are open`);
  }

  /** Everybody who is there has begun to say something. */
  async spokenTo(): Promise<void> {
    await until(() => this.under.service.crowd.silent.oldest === null, "nobody is silent");
  }

  tick(seconds: number): void {
    for (let second = 0; second < seconds; second++) this.under.service.tick();
  }

  [Symbol.dispose](): void {
    this.listener.stop(true);
    this.under[Symbol.dispose]();
  }
}

const clients: RawClient[] = [];
afterEach(() => clients.splice(0).forEach((client) => client.close()));
const keep = async (client: Promise<RawClient>): Promise<RawClient> => {
  clients.push(await client);
  return client;
};

const get = requestOctets("/a.txt");

test("a connection is one from its acceptance to its end, and its object serves another", async () => {
  using reception = new ReceptionUnderTest();
  for (let turn = 0; turn < 3; turn++) {
    const client = await keep(reception.connect({ protocols: turn === 1 ? ["h2"] : ["http/1.1"] }));
    await reception.shaken(turn + 1);
    await reception.open(1);
    if (turn !== 1) expect((await client.request(get)).text).toBe("hello");
    client.close();
    await reception.open(0);
  }
  expect(reception.count(Counter.ConnectionsAccepted)).toBe(3);
});

describe("in time", () => {
  test.each<[string, Buffer | null, Counter]>([
    ["who says nothing", null, Counter.TimeoutsHeader],
    ["whose hello doesn't end", HALF_HELLO, Counter.TlsFailedTimeout],
  ])("%s is let go", async (_who, octets, counter) => {
    using reception = new ReceptionUnderTest({ flags: ["--header-timeout-seconds", "3"] });
    const client = await keep(reception.connect());
    await reception.open(1);
    if (octets !== null) {
      await client.send(octets);
      await reception.spokenTo();
    }
    reception.tick(3);
    expect(client.ending).toBe("open");
    reception.tick(2);
    await client.expectClose();
    expect([reception.count(Counter.TimeoutsHeader), reception.count(counter)]).toEqual([1, 1]);
  });

  test("a handshake in time leaves as much for the first request", async () => {
    using reception = new ReceptionUnderTest({ flags: ["--header-timeout-seconds", "3"] });
    const client = await keep(reception.connect({}));
    await reception.shaken(1);
    reception.tick(3);
    expect((await client.request(get)).text).toBe("hello");
  });
});

describe("when there is no room", () => {
  const FULL = ["--max-connections", "1"];

  test("one that has said nothing gives way, as soon as it has had its time", async () => {
    using reception = new ReceptionUnderTest({ flags: FULL });
    const silent = await keep(reception.connect());
    await reception.open(1);
    reception.tick(3);
    const client = await keep(reception.connect({}));
    await silent.expectClose();
    expect((await client.request(get)).text).toBe("hello");
    expect(reception.count(Counter.ConnectionsDisplaced)).toBe(1);
  });

  test("one that is kept alive does, too", async () => {
    using reception = new ReceptionUnderTest({ flags: FULL });
    const kept = await keep(reception.connect({}));
    await kept.request(get);
    const client = await keep(reception.connect({}));
    await kept.expectClose();
    expect((await client.request(get)).text).toBe("hello");
  });

  test("one in its handshake doesn't: who comes is told so, in HTTP/1.1", async () => {
    using reception = new ReceptionUnderTest({ flags: FULL });
    const busy = await keep(reception.connect());
    await busy.send(HALF_HELLO);
    await reception.open(1);
    await reception.spokenTo();
    reception.tick(3);
    const client = await keep(reception.connect({ protocols: ["h2", "http/1.1"] }));
    expect(client.protocol).toBe("http/1.1");
    expect((await client.readResponse()).status).toBe(503);
    expect(reception.count(Counter.ConnectionsRejectedMax)).toBe(1);
    expect(busy.ending).toBe("open");
  });

  test("who has too many connections is told so", async () => {
    using reception = new ReceptionUnderTest({ flags: ["--max-connections-per-ip", "1"] });
    const first = await keep(reception.connect({}));
    const second = await keep(reception.connect({}));
    expect((await second.readResponse()).status).toBe(429);
    expect((await first.request(get)).text).toBe("hello");
  });

  test("who is denied is closed before a handshake", async () => {
    using reception = new ReceptionUnderTest({ config: `[deny]\naddresses = ["127.0.0.1"]` });
    const client = await keep(reception.connect());
    await client.expectClose();
    expect(reception.count(Counter.RejectedDeny)).toBe(1);
  });
});

describe("when the server goes away", () => {
  test("who says nothing is closed, who shakes hands is answered", async () => {
    using reception = new ReceptionUnderTest();
    const { service } = reception.under;
    const half = await keep(reception.connect());
    await half.send(HALF_HELLO);
    await reception.open(1);
    await reception.spokenTo();
    const silent = await keep(reception.connect());
    await reception.open(2);
    service.drain(Seconds(0));
    const shaking = reception.connect({}).then(async (client) => (clients.push(client), client.request(get)));
    service.crowd.forEach((connection) => connection.drain());
    await silent.expectClose();
    expect(half.ending).toBe("open");
    const response = await shaking;
    expect([response.text, response.field("Connection")]).toEqual(["hello", "close"]);
  });

  test("who asks for nothing after its handshake isn't waited for long", async () => {
    using reception = new ReceptionUnderTest();
    reception.under.service.drain(Seconds(0));
    const client = await keep(reception.connect({}));
    await reception.shaken(1);
    reception.tick(3);
    await client.expectClose();
  });
});

describe("a bug", () => {
  test("in the choice of a certificate ends that handshake and no other", async () => {
    using reception = new ReceptionUnderTest();
    reception.choose = (name) => {
      if (name === "bad.example") throw new Error("no choice");
      return context;
    };
    await expect(keep(reception.connect({ serverName: "bad.example" }))).rejects.toThrow();
    await until(() => reception.count(Counter.HandlerErrors) === 1, "the bug is counted");
    const client = await keep(reception.connect({}));
    expect((await client.request(get)).text).toBe("hello");
  });

  test("a context that can't be used ends that connection and no other", async () => {
    using reception = new ReceptionUnderTest();
    reception.choose = () => ({ ...context, native: {} });
    await expect(keep(reception.connect({}))).rejects.toThrow();
    await reception.open(0);
    reception.choose = () => context;
    const client = await keep(reception.connect({}));
    expect((await client.request(get)).text).toBe("hello");
  });
});
