/**
 * What the head of a response costs: `bun bench/micro/response-head.bench.ts`.
 *
 * It is built once for each version of a file and only dated afterwards; the difference between the two is what every
 * request saves by that.
 */
import { bench, do_not_optimize, run, summary } from "mitata";
import { formatHttpDate } from "../../src/http/http-date.ts";
import { buildResponseHead, type FieldLine } from "../../src/http/response-head.ts";

const FIELDS: readonly FieldLine[] = [
  ["Server", "saker"],
  ["Date", null],
  ["Content-Type", "text/html; charset=utf-8"],
  ["Content-Length", "1024"],
  ["Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"],
  ["ETag", '"5d8c72a5edda8"'],
  ["Accept-Ranges", "bytes"],
  ["X-Cache", "HIT"],
];

const built = buildResponseHead(200, FIELDS).h1;
const date = Buffer.from(formatHttpDate(Date.now()), "latin1");
const nowMs = Date.now();

summary(() => {
  bench("build a head of 8 field lines", () => {
    do_not_optimize(buildResponseHead(200, FIELDS));
  });
  bench("date a built head", () => {
    do_not_optimize(date.copy(built.octets, built.dateOffset));
  });
  bench("format the date, once a second", () => {
    do_not_optimize(formatHttpDate(nowMs));
  });
});

await run();
