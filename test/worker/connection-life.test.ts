/** What becomes of an idle connection when the server goes away; everything else about connections is tested in test/e2e. */
import { describe, expect, test } from "bun:test";
import { libc } from "../../src/sys/libc.ts";
import { ConnectionLife } from "../../src/worker/connection-life.ts";
import { ConnectionState } from "../../src/worker/connection-state.ts";
import { until } from "../support/deadline.ts";
import { hasQueuedOctets } from "../../src/sys/transmit.ts";
import { openLoopback } from "../sys/loopback.ts";

/** A connection in this state with what `drain` asks of its server, and what it did. */
function drained(state: ConnectionState, idleSeconds: number, fd: number, lingers = false) {
  const done: string[] = [];
  const connection = Object.assign(Object.create(ConnectionLife.prototype) as ConnectionLife, {
    state,
    lingers,
    socket: { fd, close: () => done.push("closed") },
    server: { idleSeconds, wheel: { setDeadline: (_node: unknown, seconds: number) => done.push(`${seconds} s`) } },
  });
  connection.drain();
  return done;
}

describe.skipIf(libc === null)("drain", () => {
  test.each<[string, ConnectionState, number, string[]]>([
    [
      "a connection that was kept alive is closed at once when the server stops",
      ConnectionState.KeepAlive,
      0,
      ["closed"],
    ],
    ["so is one that has been silent", ConnectionState.Idle, 0, ["closed"]],
    ["in a reload it may send one more request", ConnectionState.KeepAlive, 5, ["5 s"]],
    ["a response that is under way goes on", ConnectionState.Writing, 0, []],
    ["a request that is being read is read", ConnectionState.Reading, 0, []],
  ])("%s", async (_what, state, idleSeconds, done) => {
    await using pair = await openLoopback();
    expect(drained(state, idleSeconds, pair.senderFd)).toEqual(done);
  });

  test("a client that has its last response is not waited for until it closes, unless it may be sending", async () => {
    await using pair = await openLoopback();
    expect(drained(ConnectionState.Closing, 0, pair.senderFd)).toEqual(["closed"]);
    expect(drained(ConnectionState.Closing, 0, pair.senderFd, true)).toEqual([]);
  });

  test("a client that has yet to take its last response is looked at again", async () => {
    await using pair = await openLoopback();
    pair.receiver.pause();
    while (pair.sender.write(Buffer.alloc(1 << 20)) > 0);
    expect(drained(ConnectionState.Closing, 0, pair.senderFd)).toEqual(["0 s"]);
  });

  test("a request that has arrived and wasn't read yet is waited for", async () => {
    await using pair = await openLoopback();
    pair.sender.pause();
    pair.receiver.write("GET");
    await until(() => hasQueuedOctets(pair.senderFd), "it has arrived");
    expect(drained(ConnectionState.KeepAlive, 0, pair.senderFd)).toEqual(["0 s"]);
  });
});
