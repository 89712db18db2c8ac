import { describe, expect, test } from "bun:test";
import { Identity, RING_RECORDS } from "../../src/stats/layout.ts";
import { formatRingEntry, readRequestRing, type RingEntry } from "../../src/stats/request-ring.ts";
import { RING_PATH_OCTETS_MAX, RING_SEQUENCE_MASK } from "../../src/stats/ring-record.ts";
import { serve, TemporarySegment } from "./temporary-segment.ts";

describe("readRequestRing", () => {
  test("an unused slot has none", () => {
    using temporary = new TemporarySegment();
    expect(readRequestRing(temporary.segment, 3)).toEqual([]);
  });

  test("tells what was done, aborted and in flight, oldest first", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    const bytes = Buffer.from("GET /a/b HTTP/1.1\r\n");
    slot.requestFinished(slot.requestStarted(1000, 1, bytes, 4, 8), 200, 12.5, 10);
    slot.requestAborted(slot.requestStarted(2000, 2, bytes, 4, 6), 99, 0);
    slot.requestStarted(3000, 0, bytes, 4, 4);
    expect(readRequestRing(temporary.segment, slot.index)).toEqual([
      { timeMs: 1000, method: "GET", path: "/a/b", truncated: false, state: "done", status: 200, microseconds: 12.5 },
      { timeMs: 2000, method: "HEAD", path: "/a", truncated: false, state: "aborted", status: 0, microseconds: 99 },
      { timeMs: 3000, method: "UNKNOWN", path: "", truncated: false, state: "in flight", status: 0, microseconds: 0 },
    ]);
  });

  test.each([RING_RECORDS - 1, RING_RECORDS, RING_RECORDS + 1, 3 * RING_RECORDS + 17])(
    "of %p requests it has the last 256",
    (count) => {
      using temporary = new TemporarySegment();
      const slot = temporary.ready();
      for (let index = 0; index < count; index++) serve(slot, `/${index}`);
      const paths = readRequestRing(temporary.segment, slot.index).map((entry) => entry.path);
      const expected = Array.from({ length: count }, (_, index) => `/${index}`).slice(-RING_RECORDS);
      expect(paths).toEqual(expected);
    },
  );

  test.each([0, 1, 15, 16, 17, RING_PATH_OCTETS_MAX - 1, RING_PATH_OCTETS_MAX, RING_PATH_OCTETS_MAX + 1, 5000])(
    "keeps a path of %p octets, cut to its record",
    (octets) => {
      using temporary = new TemporarySegment();
      const slot = temporary.ready();
      const path = Array.from({ length: octets }, (_, index) => String.fromCharCode(97 + (index % 26))).join("");
      serve(slot, "/before");
      serve(slot, path);
      serve(slot, "/after");
      const entries = readRequestRing(temporary.segment, slot.index);
      expect(entries.map((entry) => entry.path)).toEqual(["/before", path.slice(0, RING_PATH_OCTETS_MAX), "/after"]);
      expect(entries[1]!.truncated).toBe(octets > RING_PATH_OCTETS_MAX);
    },
  );

  test("a shorter path shows nothing of the longer one whose record it took", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    for (let index = 0; index < RING_RECORDS; index++) serve(slot, "/secret".repeat(20));
    serve(slot, "/s");
    expect(readRequestRing(temporary.segment, slot.index).at(-1)!.path).toBe("/s");
  });

  test("a request that ends after 256 later ones does not touch the record that took its place", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    const download = slot.requestStarted(1, 1, Buffer.from("/download"), 0, 9);
    for (let index = 0; index < RING_RECORDS; index++) serve(slot, "/page", 404, 7);
    slot.requestFinished(download, 200, 9e6, 1);
    const entries = readRequestRing(temporary.segment, slot.index);
    expect(entries).toHaveLength(RING_RECORDS);
    expect(entries.every((entry) => entry.status === 404 && entry.microseconds === 7)).toBe(true);
  });

  test("sequence numbers wrap around without losing order", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    slot.values[Identity.RingNext] = RING_SEQUENCE_MASK - 1;
    const sequences = Array.from({ length: 5 }, (_, index) => serve(slot, `/${index}`));
    expect(sequences).toEqual([RING_SEQUENCE_MASK - 1, RING_SEQUENCE_MASK, 0, 1, 2]);
    expect(readRequestRing(temporary.segment, slot.index).map((entry) => entry.path)).toEqual([
      "/0",
      "/1",
      "/2",
      "/3",
      "/4",
    ]);
  });
});

describe("formatRingEntry", () => {
  const done: RingEntry = {
    timeMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
    method: "GET",
    path: "/a",
    truncated: false,
    state: "done",
    status: 200,
    microseconds: 35.4,
  };

  test.each([
    ["done", {}, "2026-01-02T03:04:05.006Z GET /a 200 in 35 us"],
    ["in flight", { state: "in flight", status: 0 }, "2026-01-02T03:04:05.006Z GET /a in flight"],
    ["aborted", { state: "aborted", status: 0 }, "2026-01-02T03:04:05.006Z GET /a aborted after 35 us"],
    ["truncated", { truncated: true }, "2026-01-02T03:04:05.006Z GET /a... 200 in 35 us"],
    ["a line feed", { path: "/a\r\nERROR" }, "2026-01-02T03:04:05.006Z GET /a\\x0D\\x0AERROR 200 in 35 us"],
    ["a terminal's escape", { path: "/\x1b[2J" }, "2026-01-02T03:04:05.006Z GET /\\x1B[2J 200 in 35 us"],
    ["zero and delete", { path: "\0\x7f" }, "2026-01-02T03:04:05.006Z GET \\x00\\x7F 200 in 35 us"],
    ["octets beyond ASCII", { path: "/\u00e9\u00ff" }, "2026-01-02T03:04:05.006Z GET /\\xE9\\xFF 200 in 35 us"],
    ["a backslash", { path: "/\\x41" }, "2026-01-02T03:04:05.006Z GET /\\x5Cx41 200 in 35 us"],
  ] satisfies [string, Partial<RingEntry>, string][])("%s", (_what, difference, line) => {
    expect(formatRingEntry({ ...done, ...difference })).toBe(line);
  });

  test("any octet from a client comes back as printable ASCII", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    for (let octet = 0; octet < 256; octet++) {
      slot.requestStarted(0, 1, Uint8Array.of(octet), 0, 1);
    }
    const lines = readRequestRing(temporary.segment, slot.index).map(formatRingEntry);
    expect(lines).toHaveLength(256);
    expect(lines.every((line) => /^[\x20-\x7e]+$/.test(line))).toBe(true);
    expect(new Set(lines).size).toBe(256);
  });
});
