/** A link over the runtime's sockets, and what is left of it when there is none. */
import { describe, expect, test } from "bun:test";
import type { Socket } from "bun";
import { PlainLink } from "../../src/socket/plain-link.ts";
import { REFUSED, Transmitter } from "../../src/socket/transmitter.ts";
import { libc } from "../../src/sys/libc.ts";
import { until } from "../support/deadline.ts";
import { openLoopback } from "../sys/loopback.ts";
import { Octets, Offset } from "../../src/units.ts";

const never = (): number => expect.unreachable();
const unable = (): Transmitter => new Transmitter(() => {}, { sendMore: never, sendFile: never }, false);

describe("a socket", () => {
  test("is told everything, and asked for everything", () => {
    const told: unknown[] = [];
    const tell =
      (name: string) =>
      (...rest: unknown[]) =>
        told.push([name, ...rest]);
    const octets = Buffer.from("abc");
    const socket = {
      fd: -1,
      remoteAddress: "192.0.2.1",
      localPort: 8080,
      write: (...rest: unknown[]) => (told.push(["write", ...rest]), 1),
      pause: tell("pause"),
      resume: tell("resume"),
      shutdown: tell("shutdown"),
      close: tell("close"),
      terminate: tell("terminate"),
    };
    const link = new PlainLink(unable());
    link.attach(socket as unknown as Socket);
    expect([link.remoteAddress, link.localPort, link.isSecure]).toEqual(["192.0.2.1", 8080, false]);
    expect(link.write(octets, 1, 2)).toBe(1);
    link.pause();
    link.resume();
    link.shutdown();
    link.close();
    link.terminate();
    expect(told).toEqual([["write", octets, 1, 2], ["pause"], ["resume"], ["shutdown"], ["close"], ["terminate"]]);
  });

  test("of a client that has left already has no address", () => {
    const link = new PlainLink(unable());
    link.attach({ fd: -1, remoteAddress: undefined } as unknown as Socket);
    expect(link.remoteAddress).toBe("");
  });

  test("is reached by the kernel's ways only where the transmitter has them", () => {
    const link = new PlainLink(unable());
    link.attach({ fd: 7 } as unknown as Socket);
    expect(link.takesFiles).toBe(false);
    expect([link.writeAhead(Buffer.from("a"), 0, 1), link.writeFile(9, Offset(0), Octets(1))]).toEqual([
      REFUSED,
      REFUSED,
    ]);
    const calls: number[][] = [];
    const able = new Transmitter(
      () => {},
      {
        sendMore: (fd, _octets, offset, octets) => calls.push([fd, offset, octets]),
        sendFile: (fd, file, offset, octets) => calls.push([fd, file, offset, octets]),
      },
      true,
    );
    const other = new PlainLink(able);
    other.attach({ fd: 7 } as unknown as Socket);
    expect(other.takesFiles).toBe(true);
    other.writeAhead(Buffer.from("abc"), 1, 2);
    other.writeFile(9, Offset(10), Octets(20));
    expect(calls).toEqual([
      [7, 1, 2],
      [7, 9, 10, 20],
    ]);
  });
});

test("one that is gone takes nothing and knows nothing", () => {
  const link = new PlainLink(unable());
  link.attach({ fd: 7, write: never, close: never } as unknown as Socket);
  link.detach();
  link.pause();
  link.resume();
  link.shutdown();
  link.close();
  link.terminate();
  expect(link.write(Buffer.from("a"), 0, 1)).toBe(-1);
  expect([link.remoteAddress, link.localPort]).toEqual(["", 0]);
  expect([link.acknowledgedOctets(), link.unacknowledgedOctets(), link.retransmittedSegments()]).toEqual([-1, 0, 0]);
  expect(link.hasQueuedOctets()).toBe(false);
});

describe.skipIf(libc === null)("the kernel's figures", () => {
  test("of what was sent, received and read", async () => {
    await using pair = await openLoopback();
    const link = new PlainLink(new Transmitter(() => {}));
    link.attach(pair.sender);
    const before = link.acknowledgedOctets();
    expect(link.write(Buffer.from("hello"), 0, 5)).toBe(5);
    await pair.read(5);
    await until(() => link.unacknowledgedOctets() === 0, "everything is acknowledged");
    expect(link.acknowledgedOctets() - before).toBe(5);
    expect(link.retransmittedSegments()).toBe(0);
    expect(link.hasQueuedOctets()).toBe(false);
    link.pause();
    pair.receiver.write("GET");
    await until(() => link.hasQueuedOctets(), "a request has arrived that isn't read");
  });
});
