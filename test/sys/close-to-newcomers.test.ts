/** A listening socket that takes nobody new, and loses nobody who came before. */
import { afterEach, expect, test } from "bun:test";
import { closeToNewcomers } from "../../src/sys/close-to-newcomers.ts";
import { countByText, countHandshakes } from "../../src/sys/handshakes.ts";
import { libc } from "../../src/sys/libc.ts";
import { closeListenSocket, openListenSocket, PortSharing } from "../../src/sys/listen-socket.ts";
import { waitingConnections } from "../../src/sys/tcp-info.ts";
import { until } from "../support/deadline.ts";

const open = new Set<{ terminate(): void }>();
afterEach(() => {
  open.forEach((client) => client.terminate());
  open.clear();
});

async function connect(hostname: string, port: number, onData: (text: string) => void = () => {}) {
  const client = await Bun.connect({ hostname, port, socket: { data: (_socket, data) => onData(data.toString()) } });
  open.add(client);
  return client;
}

test.skipIf(libc === null).each(["127.0.0.1", "::1"])(
  "on %s a new client is refused, an early one is answered",
  async (host) => {
    const { fd, port } = openListenSocket({ host, port: 0, backlog: 16, sharing: PortSharing.Claim });
    const answers: string[] = [];
    const [silent, early] = [await connect(host, port, (text) => answers.push(text)), await connect(host, port)];
    early.write("early");
    await until(() => waitingConnections(fd) === 1, "one waits for accept(2)");
    expect([await countHandshakes(new Set([port])), await countByText(new Set([port]))]).toEqual([1, 1]);

    expect(closeToNewcomers(fd)).toBe(true);
    await expect(connect(host, port)).rejects.toThrow(expect.objectContaining({ code: "ECONNREFUSED" }));
    silent.write("silent");
    await until(() => waitingConnections(fd) === 2, "the other one waits, too");
    expect([await countHandshakes(new Set([port])), await countByText(new Set([port]))]).toEqual([0, 0]);

    const socket = { data: (client: Bun.Socket, data: Buffer) => void client.write(`got ${data}`) };
    const listener = Bun.listen({ fd, socket } as unknown as Parameters<typeof Bun.listen>[0]);
    await until(() => answers.length > 0, "it is answered");
    expect(answers).toEqual(["got silent"]);
    await expect(connect(host, port)).rejects.toThrow(expect.objectContaining({ code: "ECONNREFUSED" }));
    listener.stop(true);
  },
);

test.skipIf(libc === null)("its port stays taken until it is closed", async () => {
  const wish = { host: "127.0.0.1", backlog: 16, sharing: PortSharing.Claim };
  const { fd, port } = openListenSocket({ ...wish, port: 0 });
  closeToNewcomers(fd);
  expect(() => openListenSocket({ ...wish, port })).toThrow("EADDRINUSE");
  closeListenSocket(fd);
  closeListenSocket(openListenSocket({ ...wish, port }).fd);
});
