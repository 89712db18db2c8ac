import { afterEach, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { Errno } from "../../src/sys/errno.ts";
import { libc } from "../../src/sys/libc.ts";
import {
  closeListenSocket,
  isPortFree,
  type ListenSocket,
  openListenSocket,
  PortSharing,
} from "../../src/sys/listen-socket.ts";
import { runProgram } from "./child.ts";

const opened: ListenSocket[] = [];
afterEach(() => opened.splice(0).forEach((socket) => closeListenSocket(socket.fd)));

function open(host: string, port: number, sharing: PortSharing): ListenSocket {
  const socket = openListenSocket({ host, port, backlog: 128, sharing });
  opened.push(socket);
  return socket;
}

/** Whether the kernel completes a connection to this address (no process needs to accept it). */
async function connects(hostname: string, port: number): Promise<boolean> {
  try {
    (await Bun.connect({ hostname, port, socket: { data() {} } })).terminate();
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(libc === null)("openListenSocket", () => {
  test.each([
    ["127.0.0.1", 4, "127.0.0.1"],
    ["0.0.0.0", 4, "127.0.0.1"],
    ["::1", 6, "::1"],
    ["::", 6, "::1"],
  ])("listens on %s, any port", async (host, family, client) => {
    const socket = open(host, 0, PortSharing.Claim);
    expect(socket.family).toBe(family as 4 | 6);
    expect(socket.port).toBeGreaterThan(0);
    expect(await connects(client, socket.port)).toBe(true);
  });

  test(":: answers IPv4 too, ::1 does not", async () => {
    expect(await connects("127.0.0.1", open("::", 0, PortSharing.Claim).port)).toBe(true);
    expect(await connects("127.0.0.1", open("::1", 0, PortSharing.Claim).port)).toBe(false);
  });

  test("a claimed port takes sharers of ours, and no second claim", () => {
    const { port } = open("127.0.0.1", 0, PortSharing.Claim);
    expect(open("127.0.0.1", port, PortSharing.Share).port).toBe(port);
    expect(open("127.0.0.1", port, PortSharing.Share).port).toBe(port);
    for (const sharing of [PortSharing.Claim, PortSharing.Exclusive]) {
      expect(() => open("127.0.0.1", port, sharing)).toThrow(expect.objectContaining({ code: "EADDRINUSE" }));
    }
    expect(() => open("0.0.0.0", port, PortSharing.Claim)).toThrow("EADDRINUSE");
  });

  test("an exclusive port admits no other socket", () => {
    const { port } = open("127.0.0.1", 0, PortSharing.Exclusive);
    expect(() => open("127.0.0.1", port, PortSharing.Share)).toThrow("EADDRINUSE");
  });

  test.each([
    ["a name", "localhost", Errno.EINVAL],
    ["an empty host", "", Errno.EINVAL],
    ["an address that isn't ours", "192.0.2.1", Errno.EADDRNOTAVAIL],
    ["an interface that isn't there", "fe80::1%nosuch0", Errno.ENODEV],
  ])("throws for %s and leaves no descriptor behind", (_what, host, code) => {
    const before = readdirSync("/proc/self/fd").length;
    expect(() => open(host, 0, PortSharing.Claim)).toThrow(expect.objectContaining({ errno: code }));
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });

  test("a child inherits it as descriptor 3 and answers what waited in the backlog", async () => {
    const socket = open("127.0.0.1", 0, PortSharing.Claim);
    const answer = Promise.withResolvers<string>();
    const client = await Bun.connect({
      hostname: "127.0.0.1",
      port: socket.port,
      socket: { data: (_socket, data) => answer.resolve(data.toString()) },
    });
    client.write("hello");
    const program = `Bun.listen({ fd: 3, socket: { data(socket, data) { socket.end("got " + data); setTimeout(() => process.exit(0)); } } });`;
    const child = Bun.spawn([process.execPath, "-e", program], { stdio: ["ignore", "inherit", "inherit", socket.fd] });
    expect(await answer.promise).toBe("got hello");
    expect(await child.exited).toBe(0);
    client.terminate();
  });

  test("other children don't get it (close-on-exec)", async () => {
    const { port } = open("127.0.0.1", 0, PortSharing.Claim);
    const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
    const program = `
      const fs = require("fs");
      const inode = fs.readFileSync("/proc/self/net/tcp", "utf8").split("\\n").find((line) => line.includes(":${hexPort} 00000000")).trim().split(/\\s+/)[9];
      const links = fs.readdirSync("/proc/self/fd").map((fd) => { try { return fs.readlinkSync("/proc/self/fd/" + fd); } catch { return ""; } });
      console.log(links.includes("socket:[" + inode + "]"));`;
    expect(await runProgram(program)).toBe("false");
  });
});

describe("isPortFree", () => {
  test.skipIf(libc === null)("sees a port in use, shared or not, until it is closed", () => {
    const socket = openListenSocket({ host: "127.0.0.1", port: 0, backlog: 1, sharing: PortSharing.Share });
    expect(isPortFree("127.0.0.1", socket.port)).toBe(false);
    expect(isPortFree("0.0.0.0", socket.port)).toBe(false);
    closeListenSocket(socket.fd);
    expect(isPortFree("127.0.0.1", socket.port)).toBe(true);
  });

  test("sees a server that shares its port with SO_REUSEPORT", () => {
    const options = { hostname: "127.0.0.1", port: 0, reusePort: true, socket: { data() {} } };
    using server = Bun.listen(options);
    expect(isPortFree("127.0.0.1", server.port)).toBe(false);
  });

  test("port 0 is always free", () => {
    expect(isPortFree("127.0.0.1", 0)).toBe(true);
  });
});
