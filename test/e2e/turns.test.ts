/** Thousands of requests at once, over real sockets: all are answered, in turns with those of others. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { Flag, FrameType } from "../../src/http2/frame.ts";
import {
  framesOf,
  get,
  PREFACE_TEXT,
  rstStream,
  settings,
  SETTINGS_ACK,
  windowUpdate,
} from "../http2/support/client-frames.ts";
import { PATIENCE_MS } from "../support/deadline.ts";
import type { RawClient } from "../support/raw-client.ts";
import { requestOctets, type Saker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

setDefaultTimeout(PATIENCE_MS);

const COUNT = 4000;
const CONTENT = "0123456789";
const PREFACE = [Buffer.from(PREFACE_TEXT, "latin1"), settings(), SETTINGS_ACK, windowUpdate(0, 1 << 30)];

const plain = useSaker({
  site: { "a.txt": CONTENT },
  config: "num_workers = 1\naccess_log = false\n[http2]\ncleartext = true\nmax_concurrent_streams = 10000\n",
});

/** Each needs a stream: none is refused. */
const requests = (from: number, count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => get(from + 2 * index, "/a.txt"));

async function connect(saker: Saker): Promise<RawClient> {
  const client = await saker.connect();
  // It is in the cache from now on.
  await saker.get("/a.txt");
  return client;
}

test("pipelined over HTTP/1.1", async () => {
  await using client = await connect(plain.saker);
  const sent = client.send(requestOctets("/a.txt").repeat(COUNT));
  const responses = await client.readResponses(COUNT);
  await sent;
  expect(responses.filter(({ status, text }) => status === 200 && text === CONTENT)).toHaveLength(COUNT);
  expect((await client.request(requestOctets("/a.txt"))).text).toBe(CONTENT);
});

test("over HTTP/2, the client having closed its side", async () => {
  await using client = await connect(plain.saker);
  await client.send(Buffer.concat([...PREFACE, ...requests(1, COUNT)]));
  client.halfClose();
  const frames = framesOf(await client.readUntilClose());
  const ended = frames.filter(({ type, flags }) => type === FrameType.Data && (flags & Flag.EndStream) !== 0);
  expect(ended.map(({ stream }) => stream)).toEqual(Array.from({ length: COUNT }, (_, index) => 1 + 2 * index));
  expect(frames.filter(({ type }) => type === FrameType.RstStream)).toEqual([]);
});

test("whoever resets what has been answered, again and again, is told to calm down", async () => {
  await using client = await connect(plain.saker);
  const pairs = requests(1, COUNT).map((request, index) => Buffer.concat([request, rstStream(1 + 2 * index)]));
  client.sendCarelessly(Buffer.concat([...PREFACE, ...pairs]));
  const frames = framesOf(await client.readUntilClose());
  const [goodbye] = frames.filter(({ type }) => type === FrameType.GoAway);
  expect(goodbye!.payload.readUInt32BE(4)).toBe(11);
  expect(frames.filter(({ type }) => type === FrameType.Headers).length).toBeWithin(900, 1300);
  expect((await plain.saker.get("/a.txt")).text).toBe(CONTENT);
});
