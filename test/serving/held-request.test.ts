/** What is kept of a request that arrives in pieces. */
import { expect, test } from "bun:test";
import { HeldRequest } from "../../src/serving/held-request.ts";

const LIMITS = { headOctetsMax: 5000, targetOctetsMax: 1000, fieldCountMax: 10, contentOctetsMax: 1000 };

test("pieces follow each other, and the buffer grows no further than the limit needs", () => {
  const held = new HeldRequest(LIMITS);
  held.begin();
  const octets = Buffer.from(Array.from({ length: 9000 }, (_, index) => index % 251));
  for (let start = 0; start < octets.length; start += 700) {
    held.append(octets, start, Math.min(start + 700, octets.length));
  }
  // One more than allowed, so that the parser sees that it is too much.
  expect(held.octetCount).toBe(LIMITS.headOctetsMax + 1);
  expect(held.octets.subarray(0, held.octetCount).equals(octets.subarray(0, held.octetCount))).toBe(true);
  expect(held.octets.length).toBe(8192);
});

test("what has grown isn't kept, and what somebody still reads from isn't used again", () => {
  const held = new HeldRequest(LIMITS);
  const { octets } = held;
  held.append(Buffer.from("GET"), 0, 3);
  held.clear(false);
  expect(held.octets).toBe(octets);
  held.append(Buffer.from("PUT"), 0, 3);
  held.clear(true);
  expect(held.octets).not.toBe(octets);
  expect(octets.toString("latin1", 0, 3)).toBe("PUT");
  held.begin();
  held.append(Buffer.alloc(4000), 0, 4000);
  held.clear(false);
  expect([held.octetCount, held.octets.length]).toEqual([0, 1024]);
});
