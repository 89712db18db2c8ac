/** A request from a list of fields, as if a client had sent it. */
import type { Limits } from "../../../src/http/limits.ts";
import { ParseCode } from "../../../src/http/parse-code.ts";
import { RequestHead } from "../../../src/http/request-head.ts";
import { FieldStore } from "../../../src/http2/field-store.ts";
import { takeRequestFields } from "../../../src/http2/request-fields.ts";
import { BlockBuilder, Literal } from "./block-builder.ts";
import { Decoding, type TextField } from "./decoding.ts";

export const LIMITS: Limits = { headOctetsMax: 2048, targetOctetsMax: 256, fieldCountMax: 16, contentOctetsMax: 1000 };

export const GET: readonly TextField[] = [
  [":method", "GET"],
  [":scheme", "https"],
  [":authority", "a.example"],
  [":path", "/"],
];

export function blockOf(fields: readonly TextField[]): Buffer {
  const builder = new BlockBuilder();
  for (const [name, value] of fields) builder.literal(Literal.WithoutIndexing, name, value, false);
  return builder.block;
}

/** The store of the fields, decoded: Done or TooLarge. */
export function storeOf(fields: readonly TextField[], limits = LIMITS): FieldStore {
  const decoding = new Decoding(new FieldStore(limits.headOctetsMax));
  decoding.outcome(blockOf(fields));
  return decoding.store;
}

export interface Taken {
  readonly code: ParseCode;
  readonly head: RequestHead;
}

export function take(fields: readonly TextField[], endsStream = true, limits = LIMITS): Taken {
  const store = storeOf(fields, limits);
  const head = new RequestHead(store.fieldCountMax);
  return { code: takeRequestFields(store, head, limits, endsStream), head };
}

/** The head of a request that is right. */
export function taken(fields: readonly TextField[], endsStream = true, limits = LIMITS): RequestHead {
  const { code, head } = take(fields, endsStream, limits);
  if (code !== ParseCode.None) throw new Error(`no request: ${ParseCode[code]}`);
  return head;
}
