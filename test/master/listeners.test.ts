import { afterEach, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { hostname } from "node:os";
import { resolveListenHost, scopeOf, urlOf } from "../../src/master/listen-address.ts";
import { formatHostPort } from "../../src/config/host-port.ts";
import { explainListenFailure } from "../../src/master/listen-failure.ts";
import { Listeners } from "../../src/master/listeners.ts";
import { Errno, SystemError } from "../../src/sys/errno.ts";
import { libc } from "../../src/sys/libc.ts";

const opened: Listeners[] = [];
afterEach(() => opened.splice(0).forEach((listeners) => listeners.close()));

async function open(host: string, port: number, count: number): Promise<Listeners> {
  const listeners = await Listeners.open(host, port, count);
  opened.push(listeners);
  return listeners;
}

const countOf = (listeners: Listeners) => listeners.groups[0]!.fds.length;

/** As a reload to more workers does. */
async function grow(listeners: Listeners, count: number): Promise<void> {
  listeners.adopt(await listeners.prepare(listeners.wanted, count, 1));
}

const served = (...places: number[]) => places.map((index) => ({ index, generation: 1 }));

const descriptorCount = () => readdirSync("/proc/self/fd").length;

describe.skipIf(libc === null)("Listeners", () => {
  test("opens one socket a worker, all on the port that was picked", async () => {
    const listeners = await open("127.0.0.1", 0, 3);
    expect(countOf(listeners)).toBe(3);
    expect(listeners.addresses).toHaveLength(1);
    expect(listeners.addresses[0]!.port).toBeGreaterThan(0);
  });

  test.each<[string, number, number, number[][]]>([
    ["one each", 3, 3, [[0], [1], [2]]],
    [
      "fewer workers share out the rest",
      4,
      2,
      [
        [0, 2],
        [1, 3],
      ],
    ],
    ["unevenly if need be", 5, 3, [[0, 3], [1, 4], [2]]],
    ["all to one", 3, 1, [[0, 1, 2]]],
  ])("every socket has a worker: %s", async (_what, sockets, workers, places) => {
    const listeners = await open("127.0.0.1", 0, sockets);
    const all = listeners.descriptorsOf(0, 1);
    const shares = places.map((_, index) => listeners.descriptorsOf(index, workers).map((fd) => all.indexOf(fd)));
    expect(shares).toEqual(places);
  });

  test("grows, and never shrinks", async () => {
    const listeners = await open("127.0.0.1", 0, 2);
    const before = listeners.descriptorsOf(0, 1);
    await grow(listeners, 4);
    await grow(listeners, 1);
    expect(countOf(listeners)).toBe(4);
    expect(listeners.descriptorsOf(0, 1).slice(0, 2)).toEqual(before);
  });

  test("a name with several addresses has a group for each, all on one port", async () => {
    const listeners = await open("localhost", 0, 2);
    const hosts = await resolveListenHost("localhost");
    expect(listeners.addresses.length).toBeLessThanOrEqual(hosts.length);
    expect(new Set(listeners.addresses.map((address) => address.port)).size).toBe(1);
    expect(listeners.descriptorsOf(1, 2)).toHaveLength(listeners.addresses.length);
  });

  test("refuses a port that another one shares, and leaves nothing open", async () => {
    const { port } = (await open("127.0.0.1", 0, 2)).addresses[0]!;
    const before = descriptorCount();
    await expect(Listeners.open("127.0.0.1", port, 2)).rejects.toThrow(`port ${port} is in use`);
    await expect(Listeners.open("0.0.0.0", port, 2)).rejects.toThrow(`port ${port} is in use`);
    expect(descriptorCount()).toBe(before);
  });

  test("frees the port when it is closed", async () => {
    const first = await open("127.0.0.1", 0, 2);
    const { port } = first.addresses[0]!;
    first.close();
    expect((await open("127.0.0.1", port, 2)).groups[0]!.fds.length).toBe(2);
  });

  test("new sockets get no connections before they are named", async () => {
    const listeners = await Listeners.open("127.0.0.1", 0, 1); // Bun.listen closes the descriptors below
    const accepted: number[] = [];
    const accept = (place: number) => {
      const [fd] = listeners.descriptorsOf(place, countOf(listeners));
      const socket = {
        open: (connection: { end(): void }) => void (accepted.push(place), connection.end()),
        data() {},
      };
      return Bun.listen({ fd, socket } as unknown as Parameters<typeof Bun.listen>[0]);
    };
    const connect = async (count: number) => {
      accepted.length = 0;
      const { host: hostname, port } = listeners.addresses[0]!;
      for (let index = 0; index < count; index++) {
        const closed = Promise.withResolvers<void>();
        // A connection is handed over with its first octet.
        const socket = {
          open: (client: Bun.Socket) => void client.write("."),
          data() {},
          close: () => closed.resolve(),
        };
        await Bun.connect({ hostname, port, socket });
        await closed.promise;
      }
      return [...new Set(accepted)].sort();
    };
    const bound = [accept(0)];
    await grow(listeners, 3);
    expect(await connect(20)).toEqual([0]);
    bound.push(accept(1), accept(2));
    listeners.steer(served(0, 2));
    expect(await connect(40)).toEqual([0, 2]);
    listeners.steer(served(0, 1, 2));
    expect(await connect(60)).toEqual([0, 1, 2]);
    bound.forEach((listener) => listener.stop(true));
  });
});

describe.skipIf(libc === null)("a change of addresses", () => {
  /** A port that was free a moment ago. */
  async function freePort(): Promise<number> {
    const listeners = await Listeners.open("127.0.0.1", 0, 1);
    const [address] = listeners.addresses;
    listeners.close();
    return address!.port;
  }

  test("opens the new one first, and lets go of the old one when it is told", async () => {
    const listeners = await open("127.0.0.1", 0, 2);
    const [old] = listeners.addresses;
    const port = await freePort();
    const change = await listeners.prepare({ host: "127.0.0.1", port }, 2, 1);
    expect(listeners.addresses).toEqual([old!]);
    listeners.adopt(change);
    expect(listeners.addresses).toEqual([{ host: "127.0.0.1", port }]);
    await expect(Listeners.open("127.0.0.1", old!.port, 1)).rejects.toThrow("is in use");
    listeners.closeLeft();
    await open("127.0.0.1", old!.port, 1);
  });

  test("abandoned, it leaves all as it was", async () => {
    const listeners = await open("127.0.0.1", 0, 2);
    const before = descriptorCount();
    listeners.abandon(await listeners.prepare({ host: "127.0.0.2", port: 0 }, 3, 1));
    listeners.abandon(await listeners.prepare(listeners.wanted, 5, 1));
    expect(descriptorCount()).toBe(before);
    expect(countOf(listeners)).toBe(2);
  });

  test("a port that is taken changes nothing", async () => {
    const listeners = await open("127.0.0.1", 0, 1);
    const [taken] = (await open("127.0.0.2", 0, 1)).addresses;
    const before = descriptorCount();
    await expect(listeners.prepare({ host: "127.0.0.2", port: taken!.port }, 4, 1)).rejects.toThrow("is in use");
    expect(descriptorCount()).toBe(before);
    expect(countOf(listeners)).toBe(1);
  });

  test("what stays keeps its sockets, also beside an address that covers it", async () => {
    const port = await freePort();
    const listeners = await open("localhost", port, 2);
    const group = listeners.groups.find(({ address }) => address.host === "127.0.0.1")!;
    const fds = [...group.fds];
    listeners.adopt(await listeners.prepare({ host: "127.0.0.1", port }, 2, 1));
    listeners.closeLeft();
    expect(listeners.groups).toEqual([group]);
    expect(group.fds).toEqual(fds);
    listeners.adopt(await listeners.prepare({ host: "0.0.0.0", port }, 2, 2));
    listeners.closeLeft();
    expect(listeners.addresses).toEqual([{ host: "0.0.0.0", port }]);
    expect(group.fds).toEqual([]);
  });

  test("another host on any port keeps the port", async () => {
    const listeners = await open("127.0.0.1", 0, 2);
    const { port } = listeners.addresses[0]!;
    listeners.adopt(await listeners.prepare({ host: "0.0.0.0", port: 0 }, 2, 1));
    listeners.closeLeft();
    expect(listeners.addresses).toEqual([{ host: "0.0.0.0", port }]);
  });

  test("nothing, and something again", async () => {
    const listeners = await open("127.0.0.1", 0, 1);
    listeners.adopt(await listeners.prepare(null, 1, 1));
    listeners.closeLeft();
    expect(listeners.addresses).toEqual([]);
    listeners.adopt(await listeners.prepare({ host: "127.0.0.1", port: 0 }, 2, 2));
    expect(listeners.descriptorsOf(0, 1)).toHaveLength(2);
  });
});

describe("resolveListenHost", () => {
  test.each([["127.0.0.1"], ["::1"], ["0.0.0.0"], ["fe80::1%lo"]])("takes the address %s as it is", async (host) => {
    expect(await resolveListenHost(host)).toEqual([host]);
  });

  test.each(["localhost", "LocalHost."])(
    "takes %s as both loopback addresses, whatever the system says",
    async (host) => {
      expect(await resolveListenHost(host)).toEqual(["127.0.0.1", "::1"]);
    },
  );

  test.each(["::", "0::0", "0:0:0:0:0:0:0:0"])("takes %s as every address of both families", async (host) => {
    expect(await resolveListenHost(host, () => true)).toEqual(["::"]);
  });

  test("where there is no IPv6, every address is every IPv4 address", async () => {
    expect(await resolveListenHost("::", () => false)).toEqual(["0.0.0.0"]);
    expect(await resolveListenHost("::1", () => false)).toEqual(["::1"]);
  });

  test("looks up any other name", async () => {
    expect(await resolveListenHost(hostname())).not.toBeEmpty();
  });

  test("says which name has no address", async () => {
    await expect(resolveListenHost("no-such-host.invalid")).rejects.toThrow('host "no-such-host.invalid": no address');
  });
});

describe("addresses as text", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1:80", "http://127.0.0.1:80", ""],
    ["::1", "[::1]:80", "http://[::1]:80", ""],
    ["0.0.0.0", "0.0.0.0:80", "http://localhost:80", "every IPv4 address"],
    ["::", "[::]:80", "http://localhost:80", "every IPv4 and IPv6 address"],
  ])("%s", (host, address, url, scope) => {
    expect(formatHostPort(host, 80)).toBe(address);
    expect(urlOf("http", { host, port: 80 })).toBe(url);
    expect(scopeOf(host)).toBe(scope);
  });
});

describe("explainListenFailure", () => {
  test.each([
    [
      Errno.EADDRINUSE,
      "port 80 is in use by another program; choose another one (--port, --https-port, --admin-listen), or stop that program",
    ],
    [Errno.EACCES, "port 80 is not allowed for this user; choose one above 1023, or grant CAP_NET_BIND_SERVICE"],
    [Errno.EADDRNOTAVAIL, 'this machine has no such address; "0.0.0.0" is every IPv4 address, "::" every address'],
    [Errno.EAFNOSUPPORT, "this machine doesn't speak that version of IP"],
    [Errno.EMFILE, "too many open files; raise the descriptor limit (ulimit -n)"],
    [Errno.ENOMEM, "bind: ENOMEM"],
  ])("errno %i", (errno, reason) => {
    const error = explainListenFailure(new SystemError("bind", errno), "::1", 80) as Error;
    expect(error.message).toBe(`cannot listen on [::1]:80: ${reason}`);
  });

  test.skipIf(libc === null).each([
    ["0.0.0.0", " on IPv4"],
    ["127.0.0.1", " on IPv4"],
    ["::1", " on IPv6"],
    ["::", ""],
  ])("says on which family a port is taken by %s", async (theirs, family) => {
    const { port } = (await open(theirs, 0, 1)).addresses[0]!;
    await expect(Listeners.open("::", port, 1)).rejects.toThrow(
      `port ${port} is in use by another program${family}; choose`,
    );
  });

  test("passes other errors through", () => {
    const error = new TypeError("x");
    expect(explainListenFailure(error, "::1", 80)).toBe(error);
  });
});
