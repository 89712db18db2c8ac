/**
 * Content coding: reading Accept-Encoding, choosing among representations that are ready, and what each level of each
 * coding gives for its time (the reason for the defaults of `[compression]`).
 *
 * The text is this project's own sources, cut to 10 KB, 100 KB and as a whole. Times are of one thread.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bench, run, summary } from "mitata";
import { AcceptEncodingReader, Coding, CODING_NAME, parseAcceptEncoding } from "../../src/http/content-coding.ts";
import { parseRequestHead } from "../../src/http/parse-request-head.ts";
import { RequestHead } from "../../src/http/request-head.ts";
import { CodingOrders } from "../../src/site/coding/coding-order.ts";
import { compressSync } from "../../src/site/coding/compress.ts";

const LIMITS = { headOctetsMax: 16_384, targetOctetsMax: 8192, fieldCountMax: 16, contentOctetsMax: 0 };
const BROWSER = "gzip, deflate, br, zstd";

function headWith(value: string): RequestHead {
  const octets = Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${value}\r\n\r\n`);
  const head = new RequestHead(LIMITS.fieldCountMax);
  head.reset(0);
  if (parseRequestHead(octets, octets.length, head, LIMITS) <= 0) throw new Error("no head");
  return head;
}

const reader = new AcceptEncodingReader();
const orders = new CodingOrders([Coding.Br, Coding.Zstd, Coding.Gzip]);
const browser = headWith(BROWSER);
const mixed = [BROWSER, "gzip, deflate, br", "gzip, deflate", "gzip"].map(headWith);
const octets = Buffer.from(BROWSER);
let turn = 0;
let sink = 0;

summary(() => {
  bench("Accept-Encoding, the same as before", () => (sink += reader.preferenceOf(browser)));
  bench("Accept-Encoding, one of four in turn", () => (sink += reader.preferenceOf(mixed[turn++ & 3]!)));
  bench("Accept-Encoding, parsed", () => (sink += parseAcceptEncoding(octets, 0, octets.length)));
  bench("the order of codings for it", () => (sink += orders.of(reader.preferenceOf(browser), 0)));
});
await run();
if (sink === 0) throw new Error("nothing was measured");

const ROOT = join(import.meta.dir, "../../src");
const sources = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .sort()
  .map((name) => readFileSync(join(ROOT, name)));
const text = Buffer.concat(sources);

const LEVELS: readonly (readonly [Coding, readonly number[]])[] = [
  [Coding.Gzip, [1, 6, 9]],
  [Coding.Br, [1, 4, 5, 6, 9, 11]],
  [Coding.Zstd, [1, 3, 6, 9, 12, 19]],
];

/** The shortest of several tries, so that others on the machine count for little. */
function millisecondsOf(work: () => Buffer): { milliseconds: number; result: Buffer } {
  let milliseconds = Number.POSITIVE_INFINITY;
  let result = work();
  for (let time = 0; time < 5; time++) {
    const started = performance.now();
    result = work();
    milliseconds = Math.min(milliseconds, performance.now() - started);
  }
  return { milliseconds, result };
}

for (const input of [text.subarray(0, 10_000), text.subarray(0, 100_000), text]) {
  console.log(
    `\n${input.length} octets of source text\n\n| coding | level | of the size | ms | MB/s |\n| --- | --- | --- | --- | --- |`,
  );
  for (const [coding, levels] of LEVELS) {
    for (const level of levels) {
      const { milliseconds, result } = millisecondsOf(() => compressSync(coding, level, input));
      const share = ((100 * result.length) / input.length).toFixed(1);
      const speed = (input.length / 1000 / milliseconds).toFixed(1);
      console.log(`| ${CODING_NAME[coding]} | ${level} | ${share} % | ${milliseconds.toFixed(2)} | ${speed} |`);
    }
  }
}
