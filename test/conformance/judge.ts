/**
 * Compares received responses with what a row expects.
 *
 * In:    an expectation whose placeholders are expanded, the responses received.
 * Out:   null when they agree, otherwise a sentence that says where they first differ.
 * Keeps: pure; knows nothing of sockets.
 */
import { CHECKS, parseByteRangesBody, removeContentCoding } from "./checks.ts";
import { fixtureContent } from "./fixture-site.ts";
import { toVisible } from "./octet-text.ts";
import { fieldValue, type Received } from "./response-parser.ts";
import type { BodyExpectation, Expectation, FieldExpectation, ResponseExpectation, Status } from "./row.ts";

/** Compares as many responses as have come; more of them than expected is a difference, fewer is not. */
export function findDifference(expectation: Expectation, responses: readonly Received[]): string | null {
  for (const [index, response] of responses.entries()) {
    const expected = expectation.responses[index];
    const place = expectation.responses.length > 1 ? `response ${index + 1}: ` : "";
    if (!expected) return `response ${index + 1} (status ${response.status}) was not expected`;
    const difference = compareResponse(expected, response, responses[index - 1] ?? null);
    if (difference !== null) return place + difference;
  }
  return null;
}

/** One response against what is expected of it; `previous` is for checks that compare the two. */
export function compareResponse(
  expected: ResponseExpectation,
  response: Received,
  previous: Received | null,
): string | null {
  if (!matchesStatus(expected.status, response.status)) return `status ${response.status}`;
  if (expected.version && response.version !== expected.version) return `version ${response.version}`;
  const interim = expected.interim ?? [];
  if (interim !== "any" && interim.join() !== response.interim.join()) {
    return `interim responses [${response.interim}] before it, expected [${interim}]`;
  }
  for (const [name, wanted] of Object.entries(expected.fields ?? {})) {
    const difference = compareField(name, wanted, fieldValue(response, name));
    if (difference !== null) return difference;
  }
  if (expected.body) {
    const difference = compareBody(expected.body, response);
    if (difference !== null) return difference;
  }
  return expected.check ? CHECKS[expected.check]({ response, previous, file: expected.file ?? null }) : null;
}

export function matchesStatus(expected: Status | readonly Status[], status: number): boolean {
  const list = Array.isArray(expected) ? (expected as readonly Status[]) : [expected as Status];
  return list.some((one) => (typeof one === "number" ? one === status : Number(one[0]) === Math.floor(status / 100)));
}

function compareField(name: string, wanted: FieldExpectation, value: string | null): string | null {
  if (wanted === false) return value === null ? null : `${name} is present: ${toVisible(value, 120)}`;
  if (value === null) return `${name} is absent`;
  if (wanted === true) return null;
  const agrees = typeof wanted === "string" ? value === wanted : wanted.test(value);
  return agrees ? null : `${name} is ${JSON.stringify(value)}`;
}

function compareBody(expected: BodyExpectation, response: Received): string | null {
  if ("text" in expected) return compareOctets(Buffer.from(expected.text, "latin1"), response.body);
  if ("without" in expected) {
    return Buffer.from(response.body).includes(expected.without)
      ? `the content contains ${JSON.stringify(expected.without)}`
      : null;
  }
  if ("decodedFile" in expected) {
    try {
      return compareOctets(fixtureContent(expected.decodedFile), removeContentCoding(response));
    } catch (problem) {
      return `the content coding cannot be removed: ${(problem as Error).message}`;
    }
  }
  if ("parts" in expected) return compareParts(expected.file, expected.parts, response);
  const content = fixtureContent(expected.file);
  const slice = content.subarray(expected.first ?? 0, (expected.last ?? content.length - 1) + 1);
  return compareOctets(slice, response.body);
}

function compareParts(file: string, ranges: readonly (readonly [number, number])[], response: Received): string | null {
  const parts = parseByteRangesBody(response);
  if (typeof parts === "string") return parts;
  const content = fixtureContent(file);
  const wanted = new Map(
    ranges.map(([first, last]) => [`bytes ${first}-${last}/${content.length}`, content.subarray(first, last + 1)]),
  );
  if (parts.length !== wanted.size)
    return `${parts.length} parts: ${parts.map((part) => part.contentRange).join(", ")}`;
  for (const part of parts) {
    const slice = wanted.get(part.contentRange);
    if (!slice) return `a part with Content-Range ${JSON.stringify(part.contentRange)}`;
    const difference = compareOctets(slice, part.content);
    if (difference !== null) return `part ${part.contentRange}: ${difference}`;
  }
  return null;
}

function compareOctets(expected: Uint8Array, received: Uint8Array): string | null {
  if (Buffer.compare(expected, received) === 0) return null;
  if (expected.length !== received.length) return `${received.length} octets of content, expected ${expected.length}`;
  return "the content differs";
}
