/**
 * Decodes requests many times; allocation.test.ts counts the collections that this causes.
 *
 * Argument: a name out of LOOPS. The collector logs to stderr under BUN_JSC_logGC=1.
 */
import { ParseCode } from "../../../src/http/parse-code.ts";
import { RequestHead } from "../../../src/http/request-head.ts";
import { FieldStore } from "../../../src/http2/field-store.ts";
import { HpackDecoder, HpackOutcome } from "../../../src/http2/hpack-decoder.ts";
import { takeRequestFields } from "../../../src/http2/request-fields.ts";
import { BlockBuilder, Literal } from "./block-builder.ts";
import { LIMITS } from "./taken-request.ts";

const store = new FieldStore(LIMITS.headOctetsMax);
const head = new RequestHead(store.fieldCountMax);

const FIRST = new BlockBuilder()
  .literal(Literal.WithIndexing, ":authority", "a.example:8443")
  .literal(Literal.WithIndexing, "user-agent", "x/1.0").block;
const NEXT = new BlockBuilder()
  .indexed(2)
  .literal(Literal.WithoutIndexing, 4, "/a/b?c")
  .indexed(7)
  .indexed(63)
  .indexed(62);
const PLAIN = new BlockBuilder().indexed(2).literal(Literal.NeverIndexed, ":path", "/a", false).indexed(7).indexed(63);
const BOMB = Buffer.alloc(2000, 0x80 | 62);

const decoders = Array.from({ length: 2 }, () => new HpackDecoder(store));
for (const decoder of decoders) decoder.decode(FIRST, 0, FIRST.length);
let turn = 0;

function request(decoder: HpackDecoder, block: Buffer): number {
  if (decoder.decode(block, 0, block.length) !== HpackOutcome.Done) throw new Error("not decoded");
  const code = takeRequestFields(store, head, LIMITS, true);
  if (code !== ParseCode.None) throw new Error(ParseCode[code]);
  return head.pathEnd - head.pathStart;
}

const loopOf = (builder: BlockBuilder) => {
  const { block } = builder;
  return () => request(decoders[0]!, block);
};

const next = NEXT.block;

const LOOPS: Readonly<Record<string, () => number>> = {
  nothing: () => 1,
  "a subarray": () => next.subarray(1).length,
  "a request of 5 fields": loopOf(NEXT),
  "a request with plain literals": loopOf(PLAIN),
  "requests of two connections in turns": () => request(decoders[turn++ & 1]!, next),
  "a block that is too large": () => decoders[0]!.decode(BOMB, 0, BOMB.length),
};

const TIMES = 1_000_000;
const BLOCKS_TOO_LARGE = 10_000;

const name = process.argv[2]!;
const loop = LOOPS[name]!;
const times = name === "a block that is too large" ? BLOCKS_TOO_LARGE : TIMES;
let sum = 0;
for (let time = 0; time < times; time++) sum += loop();
console.log(sum);
