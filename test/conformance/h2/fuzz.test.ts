/** The fuzzer of frames: its parts, and a short run of it against the real saker. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useSaker } from "../../support/use-saker.ts";
import { makeFixtureSite } from "../fixture-site.ts";
import { Random } from "../fuzz/random.ts";
import { ServerUnderTest } from "../server-under-test.ts";
import { fetchOverHttp2 } from "./fetch.ts";
import { fuzzFrames } from "./fuzz/frame-fuzzer.ts";
import { makeFrames } from "./fuzz/mutate.ts";
import { Observer } from "./fuzz/observer.ts";
import { encodeFrame, Flag, FrameType } from "./protocol.ts";

const CORPUS = [
  [encodeFrame({ type: FrameType.HEADERS, flags: 5, stream: 1 }, Uint8Array.of(0x82, 0x86, 0x84))],
  [encodeFrame({ type: FrameType.PING, flags: 0, stream: 0 }, new Uint8Array(8)), new Uint8Array(3)],
  [encodeFrame({ type: FrameType.SETTINGS, flags: 0, stream: 0 }, new Uint8Array(0))],
];

describe("inputs", () => {
  test("are the same for the same seed and index, and leave the corpus alone", () => {
    const before = JSON.stringify(CORPUS);
    const make = (seed: number): string[] =>
      Array.from({ length: 500 }, (_, index) =>
        Buffer.from(makeFrames(CORPUS, new Random(seed, index))).toString("hex"),
      );
    expect(make(7)).toEqual(make(7));
    expect(make(7)).not.toEqual(make(8));
    expect(new Set(make(7)).size).toBeGreaterThan(200);
    expect(JSON.stringify(CORPUS)).toBe(before);
  });
});

describe("the observer", () => {
  const settings = encodeFrame({ type: FrameType.SETTINGS, flags: 0, stream: 0 }, new Uint8Array(0));
  const head = encodeFrame({ type: FrameType.HEADERS, flags: Flag.END_HEADERS, stream: 1 }, Uint8Array.of(0x88));
  const data = encodeFrame({ type: FrameType.DATA, flags: Flag.END_STREAM, stream: 1 }, Uint8Array.of(1));

  const observe = (...frames: Uint8Array[]): Observer => {
    const observer = new Observer(false);
    for (const octet of Buffer.concat(frames)) observer.receive(Uint8Array.of(octet));
    return observer;
  };

  test("finds nothing in a response", () => {
    const observer = observe(settings, head, data);
    expect([observer.fault, observer.statuses, observer.isUnfinished]).toEqual([null, ["200"], false]);
  });

  test.each([
    ["a frame before SETTINGS", [head]],
    ["DATA before HEADERS", [settings, data]],
    ["DATA after the end", [settings, head, data, data]],
    ["a second response", [settings, head, data, head]],
    [
      "a field block that can't be decoded",
      [settings, encodeFrame({ type: FrameType.HEADERS, flags: 4, stream: 1 }, Uint8Array.of(0x80))],
    ],
    ["status 500", [settings, encodeFrame({ type: FrameType.HEADERS, flags: 4, stream: 1 }, Uint8Array.of(0x8e))]],
    ["a promise", [settings, encodeFrame({ type: FrameType.PUSH_PROMISE, flags: 4, stream: 1 }, new Uint8Array(4))]],
  ])("finds %s", (_, frames) => {
    expect(observe(...frames).fault).not.toBeNull();
  });
});

describe("the live server", () => {
  const folder = mkdtempSync(join(tmpdir(), "saker-fuzz-h2-"));
  beforeAll(() => makeFixtureSite(folder));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const shared = useSaker(() => ({ config: `document_root = ${JSON.stringify(folder)}\n[http2]\ncleartext = true` }));

  test("answers in frames or closes, whatever frames it gets, and its worker lives", async () => {
    const workers = shared.saker.workerPids();
    const server = new ServerUnderTest(`http://127.0.0.1:${shared.saker.port}`, fetchOverHttp2);
    const report = await fuzzFrames(server, { seed: 20240603, first: 0, inputs: 3_000, concurrency: 8 });
    expect(report.findings).toEqual([]);
    expect(report.outcomes.length).toBeGreaterThan(20);
    expect(shared.saker.workerPids()).toEqual(workers);
  });
});
