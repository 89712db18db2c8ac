/**
 * Runs one function of the hot path many times; allocation.test.ts counts the collections it causes.
 *
 * Argument: a name out of LOOPS. The collector logs to stderr under BUN_JSC_logGC=1.
 */
import { evaluateIfRange, parseByteRanges } from "../../../src/http/byte-range.ts";
import { AcceptEncodingReader } from "../../../src/http/content-coding.ts";
import { parseHttpDate } from "../../../src/http/http-date.ts";
import { MessageBody } from "../../../src/http/message-body.ts";
import { parseRequestHead } from "../../../src/http/parse-request-head.ts";
import { evaluatePreconditions } from "../../../src/http/preconditions.ts";
import { Framing, RequestHead } from "../../../src/http/request-head.ts";
import { headOf, LIMITS } from "./head-result.ts";
import { octets } from "./octets.ts";

const HEAD = octets(
  "GET http://b.example:80/a?b HTTP/1.1\r\nHost: a.example:80\r\nConnection: x, keep-alive\r\nCookie: a\r\ncookie: b\r\n" +
    "Content-Length: 5\r\nExpect: 100-continue\r\nUser-Agent: x\r\nX-Other: y\r\n\r\n",
);
const BAD_HEAD = octets("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked, x\r\n\r\n");
const BODY = octets('5;a="b"\r\nhello\r\n0\r\nX: y\r\n\r\n');
const DATE = octets("Sun, 06 Nov 1994 08:49:37 GMT");
const RANGE = octets("bytes=0-99, -5");
const TAG = octets('"abc"');
const CONDITIONAL = headOf(
  `GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: "x", W/"y"\r\nIf-Match: "z", "abc"\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n`,
);

const NEGOTIATING = [
  "gzip, deflate, br, zstd",
  "br;q=0.5, gzip, *;q=0",
  ...Array.from({ length: 8 }, (_, i) => `x${i}`),
].map((value) => headOf(`GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${value}\r\n\r\n`));

const reader = new AcceptEncodingReader();
let turn = 0;
const head = new RequestHead(LIMITS.fieldCountMax);
const body = new MessageBody();
const ranges = new Float64Array(8);

const LOOPS: Readonly<Record<string, () => number>> = {
  nothing: () => 1,
  "a subarray": () => HEAD.subarray(1).length,
  "a head": () => {
    head.reset(0);
    return parseRequestHead(HEAD, HEAD.length, head, LIMITS);
  },
  "a head in pieces": () => {
    head.reset(0);
    return parseRequestHead(HEAD, 50, head, LIMITS) + parseRequestHead(HEAD, HEAD.length, head, LIMITS);
  },
  "a bad head": () => {
    head.reset(0);
    return parseRequestHead(BAD_HEAD, BAD_HEAD.length, head, LIMITS);
  },
  "a body": () => {
    body.reset(Framing.Chunked, 0, LIMITS);
    return body.consume(BODY, 0, BODY.length);
  },
  "a date": () => parseHttpDate(DATE, 0, DATE.length),
  "byte ranges": () => parseByteRanges(RANGE, 0, RANGE.length, 1000, ranges),
  preconditions: () => evaluatePreconditions(CONDITIONAL, TAG, 784111777, DATE),
  "Accept-Encoding, parsed and remembered": () => reader.preferenceOf(NEGOTIATING[turn++ % NEGOTIATING.length]!),
  "If-Range": () => (evaluateIfRange(CONDITIONAL, TAG, 784111777) ? 1 : 2),
};

const TIMES = 1_000_000;

const loop = LOOPS[process.argv[2]!]!;
let sum = 0;
for (let time = 0; time < TIMES; time++) sum += loop();
console.log(sum);
