/** A link over a socket that becomes one of TLS: what is sent when, and that every end is announced. */
import { afterAll, describe, expect, test } from "bun:test";
import type { Socket } from "bun";
import type { TlsHandlers, TlsOptions } from "../../src/socket/runtime-socket.ts";
import { TlsLink } from "../../src/socket/tls-link.ts";
import { REFUSED } from "../../src/socket/transmitter.ts";
import { makeSecureContext } from "../../src/tls/secure-context.ts";
import { CertificateFolder, makePair } from "../support/certificates.ts";
import { until } from "../support/deadline.ts";
import { CUT_OFF, opensslClient } from "../support/openssl.ts";
import { RawClient } from "../support/raw-client.ts";

/** A socket that says what was done to it. */
function fakeSocket(name: string, told: string[]) {
  const tell = (deed: string) => () => void told.push(`${name} ${deed}`);
  return {
    fd: -1,
    data: {} as unknown,
    remoteAddress: "192.0.2.1",
    localPort: 443,
    write: (_octets: Buffer, start: number, count: number) => (told.push(`${name} write ${start} ${count}`), count),
    pause: tell("pause"),
    resume: tell("resume"),
    shutdown: tell("shutdown"),
    close: tell("close"),
    terminate: tell("terminate"),
    upgradeTLS: tell("upgrade"),
  };
}

const OPTIONS = {} as TlsOptions;
const HANDLERS = {} as TlsHandlers<unknown>;

describe("what is done to the socket", () => {
  const linkTo = (told: string[]) => {
    const link = new TlsLink();
    const accepted = fakeSocket("accepted", told);
    link.attach(accepted as unknown as Socket);
    return { link, accepted, secured: fakeSocket("secured", told) as unknown as Socket };
  };

  test("before TLS it is a plain one", () => {
    const told: string[] = [];
    const { link } = linkTo(told);
    expect([link.isSecure, link.remoteAddress, link.localPort]).toEqual([false, "192.0.2.1", 443]);
    expect(link.write(Buffer.from("abc"), 1, 2)).toBe(2);
    link.close();
    expect(told).toEqual(["accepted write 1 2", "accepted close"]);
  });

  test("while hands are shaken nothing can be announced", () => {
    const told: string[] = [];
    const { accepted, link, secured } = linkTo(told);
    link.upgrade(Buffer.from("hello"), OPTIONS, HANDLERS, null);
    expect(accepted.data).toBeNull();
    link.secure(secured);
    expect(link.isSecure).toBe(true);
    link.close();
    expect(told).toEqual(["accepted upgrade", "secured close"]);
  });

  test("then every close is, and once", () => {
    const told: string[] = [];
    const { link, secured } = linkTo(told);
    link.upgrade(Buffer.from("hello"), OPTIONS, HANDLERS, null);
    link.secure(secured);
    link.established(false);
    expect([link.takesFiles, link.writeAhead(), link.writeFile()]).toEqual([false, REFUSED, REFUSED]);
    link.shutdown();
    link.shutdown();
    link.close();
    expect(told.slice(1)).toEqual(["secured shutdown", "secured close"]);
    told.length = 0;
    link.terminate();
    expect(told).toEqual(["secured terminate"]);
  });

  test("a context that can't be used leaves it what it was", () => {
    const { accepted, link } = linkTo([]);
    const { data } = accepted;
    accepted.upgradeTLS = () => {
      throw new TypeError("no context");
    };
    expect(() => link.upgrade(Buffer.from("hello"), OPTIONS, HANDLERS, null)).toThrow("no context");
    expect(accepted.data).toBe(data);
  });

  test("when it is gone, everything is a word in the wind", () => {
    const link = new TlsLink();
    link.detach();
    expect(link.write(Buffer.from("a"), 0, 1)).toBe(-1);
    expect([link.acknowledgedOctets(), link.unacknowledgedOctets(), link.hasQueuedOctets()]).toEqual([-1, 0, false]);
    for (const deed of ["pause", "resume", "shutdown", "close", "terminate"] as const) link[deed]();
  });
});

const folder = new CertificateFolder();
afterAll(() => folder[Symbol.dispose]());

/** A listener that hands each link over once its handshake is done, and what it receives. */
function listen(received: (link: TlsLink, octets: Buffer) => void, writable: (link: TlsLink) => void = () => {}) {
  const { certificate, key } = makePair(["127.0.0.1"]);
  const secureContext = makeSecureContext({
    certificates: [certificate],
    keys: [key],
    clientCa: [],
    clientCrl: [],
    minVersion: "1.2",
    asksClients: false,
  });
  const options = {
    secureContext,
    ALPNProtocols: Buffer.from("\x08http/1.1"),
    requestCert: false,
    rejectUnauthorized: false,
  };
  const handlers: TlsHandlers<TlsLink> = {
    binaryType: "buffer",
    open: (socket) => socket.data.secure(socket),
    serverName: () => undefined,
    handshake: (socket, isDone) => void (isDone && socket.data.established(false)),
    data: (socket, octets) => received(socket.data, octets),
    drain: (socket) => writable(socket.data),
    close: (socket) => socket.data.detach(),
  };
  const listener = Bun.listen<TlsLink | null>({
    hostname: "127.0.0.1",
    port: 0,
    allowHalfOpen: true,
    socket: {
      binaryType: "buffer",
      open(socket) {
        socket.data = new TlsLink();
        socket.data.attach(socket);
      },
      data: (socket, octets) => socket.data?.upgrade(octets, options, handlers, socket.data),
    },
  });
  return { port: listener.port, [Symbol.dispose]: () => listener.stop(true) };
}

const octets = Buffer.alloc(
  20_000_000,
  Uint8Array.from({ length: 251 }, (_, index) => index),
);

describe("over a real socket", () => {
  test("what a slow client doesn't take at once arrives whole when it is offered again", async () => {
    let sent = 0;
    let shorts = 0;
    const pump = (link: TlsLink): void => {
      while (sent < octets.length) {
        const count = Math.min(100_000, octets.length - sent);
        const taken = link.write(octets, sent, count);
        expect(taken).toBeGreaterThanOrEqual(0);
        sent += taken;
        if (taken < count) return void shorts++;
      }
      link.close();
    };
    using server = listen(pump, pump);
    await using client = await RawClient.connect(server.port, { tls: {}, receiveBufferOctets: 32 * 1024 });
    await client.send("go");
    client.pause();
    await until(() => shorts > 0, "a write comes short");
    client.resume();
    expect((await client.readUntilClose()).equals(octets)).toBe(true);
  });

  test.each([
    ["close", false],
    ["shutdown", false],
    ["terminate", true],
  ] as const)("%s: is the end missing? %p", async (deed, isCut) => {
    using server = listen((link) => {
      link.write(Buffer.from("bye\n"), 0, 4);
      link[deed]();
    });
    const said = await opensslClient(server.port, "", "hello\n");
    expect(said.includes(CUT_OFF) || said.includes("errno=104")).toBe(isCut);
    if (!isCut) expect(said).toContain("bye");
  });

  test("the kernel tells what has been acknowledged, in records", async () => {
    let acknowledged = 0;
    using server = listen((link) => {
      if (acknowledged === 0) link.write(octets, 0, 50_000);
      acknowledged = link.acknowledgedOctets();
    });
    await using client = await RawClient.connect(server.port, { tls: {} });
    await client.send("first");
    await client.waitFor(50_000);
    await client.send("second");
    await until(() => acknowledged > 50_000, "more than the octets are acknowledged");
  });
});
