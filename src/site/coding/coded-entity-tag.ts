/**
 * Entity tags of coded representations (RFC 9110 §8.8.3.3), and kinship between them.
 *
 *     neighbour   "<length>-<hash of its octets>.br"              it says nothing of how it came about
 *     made here   "<tag of the file>.br-<hash of its octets>"     a coding of exactly that content
 *
 * Both are strong: equal tags mean equal octets, on every replica, whatever versions or levels of libraries it runs.
 * Replicas needn't have equal octets, though: one has recompressed a variant at the best level, another has not, a third
 * runs a newer library. So a client's If-None-Match also matches a tag "made here" that names the same content and the
 * same coding and other octets: what the client holds is a representation that could have been selected just as well, and
 * the 304 says so by carrying the client's own tag (RFC 9111 §4.3.4). That needs no coded octets at all: a restarted
 * server answers its returning visitors without compressing anything.
 *
 * Ranges are not treated so: If-Match and If-Range need the exact tag.
 */
import { Coding, CODING_NAME } from "../../http/content-coding.ts";
import { Field } from "../../http/field.ts";
import type { RequestHead } from "../../http/request-head.ts";
import { contentEntityTag } from "../load/validators.ts";

/** Digits of a 64-bit hash in base 36, leading zeros included, so that all tags made here of one file are equally long. */
const HASH_DIGITS = 13;

/** Of a variant made here. `fileTag`: of the file itself, with its quotes. */
export function codedEntityTag(fileTag: string, coding: Coding, coded: Uint8Array): string {
  return hashedEntityTag(fileTag, coding, Bun.hash.xxHash3(coded));
}

/** The same of octets that were hashed elsewhere, to 64 bits. */
export function hashedEntityTag(fileTag: string, coding: Coding, hash: bigint): string {
  return `${beginningOf(fileTag, coding)}${hash.toString(36).padStart(HASH_DIGITS, "0")}"`;
}

/** Of a neighbour whose own tag is `tag`: no two codings share one. */
export function neighbourEntityTag(tag: string, coding: Coding): string {
  return `${tag.slice(0, -1)}.${CODING_NAME[coding]}"`;
}

export function neighbourContentTag(content: Uint8Array, coding: Coding): string {
  return neighbourEntityTag(contentEntityTag(content), coding);
}

/** The first tag in If-None-Match that was made here for a coding of the file `fileTag`, or null. Makes strings. */
export function kindredTag(head: RequestHead, fileTag: string, coding: Coding): string | null {
  const value = head.value(Field.IfNoneMatch) ?? "";
  const beginning = beginningOf(fileTag, coding);
  const start = value.indexOf(beginning);
  if (start === -1) return null;
  const end = start + beginning.length + HASH_DIGITS + 1;
  const tag = value.slice(start, end);
  return /^[0-9a-z]+"$/.test(tag.slice(beginning.length)) && tag.length === end - start ? tag : null;
}

function beginningOf(fileTag: string, coding: Coding): string {
  return `${fileTag.slice(0, -1)}.${CODING_NAME[coding]}-`;
}
