/** Connections from the event loop's handlers on, with sockets that a test plays. */
import { describe, expect, test } from "bun:test";
import type { Socket, SocketHandler } from "bun";
import { type PlainConnection, Reception } from "../../src/process/reception.ts";
import { Counter, Gauge } from "../../src/stats/layout.ts";
import { type ServiceOptions, ServiceUnderTest } from "../serving/support/service-under-test.ts";

const get = (target: string): Buffer => Buffer.from(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
const FILES = { "a.txt": "hello" };

/** As the runtime's: it tells its handlers at once when it is closed. */
class FakeSocket {
  data!: PlainConnection;
  readonly fd = -1;
  readonly localPort = 80;
  readonly remoteAddress: string = "127.0.0.1";
  received = "";
  isOpen = true;

  constructor(private readonly handlers: SocketHandler<PlainConnection, "buffer">) {}

  get asSocket(): Socket<PlainConnection> {
    return this as unknown as Socket<PlainConnection>;
  }

  send(octets: Buffer): void {
    void this.handlers.data!(this.asSocket, octets);
  }

  write(octets: Buffer, start: number, count: number): number {
    this.received += octets.toString("latin1", start, start + count);
    return count;
  }

  pause(): void {}
  resume(): void {}
  shutdown(): void {}

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    void this.handlers.close!(this.asSocket);
  }

  terminate(): void {
    this.close();
  }
}

class ReceptionUnderTest implements Disposable {
  readonly under: ServiceUnderTest;
  readonly handlers: SocketHandler<PlainConnection, "buffer">;
  private readonly sockets: FakeSocket[] = [];

  constructor(options: Partial<ServiceOptions> = {}, isAdmin = false) {
    this.under = new ServiceUnderTest({ files: FILES, ...options });
    this.handlers = new Reception(this.under.service, isAdmin).handlers;
  }

  open(): FakeSocket {
    const socket = new FakeSocket(this.handlers);
    this.sockets.push(socket);
    void this.handlers.open!(socket.asSocket);
    return socket;
  }

  count(counter: Counter | Gauge): number {
    return this.under.service.slot.values[counter]!;
  }

  [Symbol.dispose](): void {
    for (const socket of this.sockets) socket.close();
    this.under[Symbol.dispose]();
  }
}

test("a connection comes, is answered, goes, and its objects serve the next", async () => {
  using reception = new ReceptionUnderTest();
  await reception.under.warm(get("/a.txt").toString());
  const first = reception.open();
  expect(reception.count(Gauge.ConnectionsActive)).toBe(1);
  first.send(get("/a.txt"));
  expect(first.received).toEndWith("\r\n\r\nhello");
  first.close();
  expect([reception.count(Gauge.ConnectionsActive), reception.count(Counter.ConnectionsAccepted)]).toEqual([0, 1]);
  const second = reception.open();
  expect(second.data).toBe(first.data);
  second.send(get("/a.txt"));
  expect(second.received).toEndWith("\r\n\r\nhello");
});

test("one that goes in the middle of a request leaves nothing to the next", async () => {
  using reception = new ReceptionUnderTest();
  await reception.under.warm(get("/a.txt").toString());
  const first = reception.open();
  first.send(Buffer.from("GET /missing HTTP/1.1\r\nX-A"));
  first.close();
  const second = reception.open();
  second.send(get("/a.txt"));
  expect(second.received).toEndWith("hello");
});

describe("an exception of our own", () => {
  test.each<[handler: string, raise: (socket: FakeSocket, reception: ReceptionUnderTest) => void]>([
    ["data", (socket) => socket.send(get("/a.txt"))],
    ["drain", (socket, { handlers }) => handlers.drain!(socket.asSocket)],
    ["end", (socket, { handlers }) => handlers.end!(socket.asSocket)],
  ])("while a connection is served ends it, and no other: %s", async (handler, raise) => {
    using reception = new ReceptionUnderTest();
    await reception.under.warm(get("/a.txt").toString());
    const [broken, other] = [reception.open(), reception.open()];
    const { connection } = broken.data;
    const method = ({ data: "received", drain: "writable", end: "ended" } as const)[handler as "data"];
    connection[method] = () => {
      throw new Error("a bug");
    };
    raise(broken, reception);
    expect([broken.isOpen, other.isOpen]).toEqual([false, true]);
    expect(reception.count(Counter.HandlerErrors)).toBe(1);
    other.send(get("/a.txt"));
    expect(other.received).toEndWith("hello");
  });

  test("while the client is written to counts its request as aborted", async () => {
    using reception = new ReceptionUnderTest();
    await reception.under.warm(get("/a.txt").toString());
    const before = reception.under.counts;
    const socket = reception.open();
    socket.write = () => {
      throw new Error("a bug");
    };
    socket.send(get("/a.txt"));
    const { aborted, inFlight } = reception.under.counts;
    expect([socket.isOpen, aborted - before.aborted, inFlight]).toEqual([false, 1, before.inFlight]);
    const next = reception.open();
    next.send(get("/a.txt"));
    expect(next.received).toEndWith("hello"); // and nothing of the other's
    expect(next.received).toStartWith("HTTP/1.1 200");
  });
});

describe("max_connections", () => {
  const flags = ["--max-connections", "2"];

  test("an idle connection makes room", async () => {
    using reception = new ReceptionUnderTest({ flags });
    await reception.under.warm(get("/a.txt").toString());
    const [idle, busy] = [reception.open(), reception.open()];
    idle.send(get("/a.txt"));
    busy.send(Buffer.from("GET"));
    const third = reception.open();
    expect([idle.isOpen, busy.isOpen, third.isOpen]).toEqual([false, true, true]);
    expect(reception.count(Gauge.ConnectionsActive)).toBe(2);
  });

  test("where all are busy the newcomer gets 503", () => {
    using reception = new ReceptionUnderTest({ flags });
    for (let count = 0; count < 2; count++) reception.open().send(Buffer.from("GET"));
    const third = reception.open();
    expect(third.received).toStartWith("HTTP/1.1 503 ");
    expect(third.received).toContain("\r\nConnection: close\r\n");
  });

  test("the admin listener is for those who look why", () => {
    using reception = new ReceptionUnderTest({ flags }, true);
    for (let count = 0; count < 3; count++) reception.open();
    expect(reception.count(Counter.ConnectionsRejectedMax)).toBe(0);
    expect(reception.count(Gauge.ConnectionsActive)).toBe(3);
  });

  test("clients behind the PROXY protocol are known before they displace anybody", async () => {
    using reception = new ReceptionUnderTest({ flags: [...flags, "--proxy-protocol"] });
    const header = Buffer.from("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n");
    const [first, second] = [reception.open(), reception.open()];
    first.send(Buffer.concat([header, Buffer.from("GET")]));
    second.send(Buffer.concat([header, Buffer.from("GET")]));
    const third = reception.open();
    expect([third.isOpen, third.received]).toEqual([true, ""]);
    third.send(Buffer.concat([header, get("/a.txt")]));
    expect(third.received).toStartWith("HTTP/1.1 503 ");
  });
});

test("a client that is denied is gone before it says anything", () => {
  using reception = new ReceptionUnderTest({ flags: ["--deny-addresses", "127.0.0.1"] });
  const socket = reception.open();
  expect([socket.isOpen, socket.received, reception.count(Gauge.ConnectionsActive)]).toEqual([false, "", 0]);
});
