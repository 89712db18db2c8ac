/**
 * The static table (RFC 7541 Appendix A): fields that every connection knows, by their index from 1 on.
 *
 * Units: an entry, here and in dynamic tables, is ENTRY_NUMBERS numbers: where its name starts, where its value starts (and its name
 *        ends), where its value ends, its kind (field-kind.ts). Offsets are into STATIC_TEXT, with which a `FieldStore` begins.
 */
import { octetsOf } from "../http/octets.ts";
import { kindOfName, kindWithValue } from "./field-kind.ts";

export const ENTRY_NUMBERS = 4;

/** name, or name SP value */
const LINES = `:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`;

type StaticField = readonly [name: string, value: string];

const FIELDS: readonly StaticField[] = LINES.split("\n").map((line) => {
  const [, name, value = ""] = /^(\S+)(?: (.*))?$/.exec(line)!;
  return [name!, value];
});

/** The highest index. */
export const STATIC_COUNT = FIELDS.length;
export const STATIC_TEXT = octetsOf(FIELDS.flat().join(""));
/** By index * ENTRY_NUMBERS. */
export const STATIC_ENTRIES = buildEntries();

function buildEntries(): Int32Array {
  if (STATIC_COUNT !== 61) throw new Error("the static table has 61 entries");
  const entries = new Int32Array((STATIC_COUNT + 1) * ENTRY_NUMBERS);
  let start = 0;
  FIELDS.forEach(([name, value], position) => {
    const valueStart = start + name.length;
    const end = valueStart + value.length;
    const kind = kindWithValue(kindOfName(STATIC_TEXT, start, valueStart, 0), STATIC_TEXT, valueStart, end, 0);
    entries.set([start, valueStart, end, kind], (position + 1) * ENTRY_NUMBERS);
    start = end;
  });
  return entries;
}

const INDEX_OF_NAME = new Map(FIELDS.map(([name], position) => [name, position + 1] as const).reverse());

/** Index of the first field with this name; 0: there is none. */
export function staticIndexOf(name: string): number {
  return INDEX_OF_NAME.get(name) ?? 0;
}

/** Index of the field with the name that entry `index` is the first of, and this value; 0: there is none. */
export function staticIndexWithValue(index: number, value: string): number {
  const name = FIELDS[index - 1]![0];
  for (let other = index; other <= STATIC_COUNT && FIELDS[other - 1]![0] === name; other++) {
    if (FIELDS[other - 1]![1] === value && value !== "") return other;
  }
  return 0;
}
