/**
 * What HPACK costs: `bun bench/micro/hpack.bench.ts`.
 *
 * A request is decoded and taken into a head, as every one is. Five fields are what load generators send, 17 are a browser's; each
 * connection sends what it can by index, as clients do, and the path as a literal. "In turns": another connection's table has to be
 * brought back for each block, which is the most that many connections can cost.
 */
import { bench, do_not_optimize, run, summary } from "mitata";
import type { Limits } from "../../src/http/limits.ts";
import { ParseCode } from "../../src/http/parse-code.ts";
import { RequestHead } from "../../src/http/request-head.ts";
import { buildResponseHead } from "../../src/http/response-head.ts";
import { FieldStore } from "../../src/http2/field-store.ts";
import { HpackDecoder, HpackOutcome } from "../../src/http2/hpack-decoder.ts";
import { encodeHead } from "../../src/http2/hpack-encoder.ts";
import { HuffmanDecoder } from "../../src/http2/huffman-decoder.ts";
import { takeRequestFields } from "../../src/http2/request-fields.ts";
import { encodeHuffman } from "../../test/http2/support/coded-text.ts";
import { BlockBuilder, Literal } from "../../test/http2/support/block-builder.ts";

const LIMITS: Limits = { headOctetsMax: 16384, targetOctetsMax: 8192, fieldCountMax: 100, contentOctetsMax: 1048576 };

const PATH = "/assets/styles/main.css?v=20240101";

/** All but method, path and scheme. */
const LOAD_FIELDS = [":authority: 127.0.0.1:8443", "user-agent: h2load nghttp2/1.52.0"];
const BROWSER_FIELDS = [
  ":authority: www.example.com",
  "cache-control: max-age=0",
  'sec-ch-ua: "Chromium";v="130", "Not?A_Brand";v="99"',
  "sec-ch-ua-mobile: ?0",
  'sec-ch-ua-platform: "Linux"',
  "user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
  "accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
  "sec-fetch-site: same-origin",
  "sec-fetch-mode: no-cors",
  "sec-fetch-dest: style",
  "referer: https://www.example.com/articles/2024/index.html",
  "accept-encoding: gzip, deflate, br, zstd",
  "accept-language: en-GB,en;q=0.9,de;q=0.8",
  "cookie: session=0123456789abcdef0123456789abcdef",
];

/** The block that a client sends first, and the one that it sends from then on. */
function blocksOf(fields: readonly string[], path: string): [first: Buffer, next: Buffer] {
  const first = new BlockBuilder().indexed(2).indexed(7).literal(Literal.WithoutIndexing, 4, path);
  const next = new BlockBuilder().indexed(2).indexed(7).literal(Literal.WithoutIndexing, 4, path);
  fields.forEach((field, index) => {
    const [, name, value] = /^(:?[^:]+): (.*)$/.exec(field)!;
    first.literal(Literal.WithIndexing, name!, value!);
    next.indexed(61 + fields.length - index);
  });
  return [first.block, next.block];
}

const store = new FieldStore(LIMITS.headOctetsMax);
const head = new RequestHead(store.fieldCountMax);

function decode(decoder: HpackDecoder, block: Buffer): ParseCode {
  if (decoder.decode(block, 0, block.length) !== HpackOutcome.Done) throw new Error("not decoded");
  return takeRequestFields(store, head, LIMITS, true);
}

const builtAt = performance.now();
const decoderOfTable = new HuffmanDecoder();
decoderOfTable.decode(encodeHuffman("a"), 0, 1, store.bytes, store.tableEnd);
console.log(`the table of the Huffman code: made in ${(performance.now() - builtAt).toFixed(1)} ms`);

for (const [name, fields, path] of [
  ["5 fields, the path in the static table", LOAD_FIELDS, "/index.html"],
  ["5 fields", LOAD_FIELDS, PATH],
  ["17 fields", BROWSER_FIELDS, PATH],
] as const) {
  const [first, next] = blocksOf(fields, path);
  const decoder = new HpackDecoder(store);
  const others = [new HpackDecoder(store), new HpackDecoder(store)];
  for (const each of [decoder, ...others]) decode(each, first);
  if (decode(decoder, next) !== ParseCode.None || head.fieldCount !== fields.length - 1) throw new Error(name);
  let turn = 0;
  bench(`${name}: decoded`, () => {
    do_not_optimize(decoder.decode(next, 0, next.length));
  });
  bench(`${name}: decoded and taken (${next.length} octets)`, () => {
    do_not_optimize(decode(decoder, next));
  });
  bench(`${name}: two connections in turns`, () => {
    do_not_optimize(decode(others[turn++ & 1]!, next));
  });
  bench(`${name}: first of its connection (${first.length} octets)`, () => {
    decoder.release();
    do_not_optimize(decode(decoder, first));
  });
}

const text = "/articles/2024/a-page-of-41-octets.html?x";
const coded = Buffer.from(encodeHuffman(text));
summary(() => {
  bench(`Huffman: ${text.length} octets of text`, () => {
    do_not_optimize(decoderOfTable.decode(coded, 0, coded.length, store.bytes, store.tableEnd));
  });
});

const { fields } = buildResponseHead(200, [
  ["Server", "saker"],
  ["Date", null],
  ["Content-Type", "text/html; charset=utf-8"],
  ["X-Content-Type-Options", "nosniff"],
  ["Content-Length", "1024"],
  ["Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"],
  ["ETag", '"5d8c72a5edda8"'],
  ["Accept-Ranges", "bytes"],
  ["X-Cache", "HIT"],
]);
bench("encode a head of 9 field lines, once per file", () => {
  do_not_optimize(encodeHead(200, fields));
});

await run();
