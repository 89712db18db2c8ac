/** Requests in parts, for rows about HPACK: what is known of them by index, and what the table holds then. */
import { get } from "../frames.ts";
import { indexed, literal, stringLiteral } from "../hpack/encoder.ts";
import { staticIndex } from "../hpack/static-table.ts";
import type { PayloadPart } from "../row.ts";

export const FILE = "/alphabet.txt";
export const OTHER = "/dir/file.txt";
export const whole = { status: 200, body: { file: FILE } } as const;
export const other = { status: 200, body: { file: OTHER } } as const;

export const BLOCK = get(FILE);
/** All pseudo-header fields but :path, which the rows give in ways of their own. */
export const BUT_PATH: readonly PayloadPart[] = BLOCK.slice(0, 3);
export const PATH = staticIndex(":path");
export const GET = indexed(staticIndex(":method", "GET"));
/** The first index of the dynamic table: its newest line. */
export const NEWEST = 62;
export const nameOf = (name: string): Uint8Array => stringLiteral(name);

/** A line that counts for so many octets in the table. */
export const fill = (octetCount: number): Uint8Array =>
  literal(nameOf("x-fill"), "x".repeat(octetCount - 32 - 6), "indexing");

/** What `:path` with this value counts for in the table (RFC 7541 §4.1). */
export function pathSize(path: string): number {
  return ":path".length + path.length + 32;
}
