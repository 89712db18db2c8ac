/** When to try again, and how often at most. */
import { describe, expect, test } from "bun:test";
import {
  FAILED_VALIDATIONS_MAX,
  orderAllowedMs,
  ORDERS_MAX,
  ORDERS_PERIOD_MS,
  validationAllowedMs,
} from "../../../src/tls/acme/attempt-limits.ts";
import { retryAfterMs } from "../../../src/tls/acme/retry-after.ts";
import { type FailedAttempts, nextAttemptMs } from "../../../src/tls/acme/retry-plan.ts";

const NOW_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const waitAfter = (failed: Partial<FailedAttempts>, random = 0): number =>
  nextAttemptMs({ count: 1, isUnproven: false, retryAtMs: null, lifetimeMs: null, ...failed }, NOW_MS, random) - NOW_MS;

describe("attempts", () => {
  test("wait longer after each failure, from seconds to six hours", () => {
    const waits = Array.from({ length: 20 }, (_, index) => waitAfter({ count: index + 1 }));
    expect(waits[0]).toBe(10_000);
    expect(waits.at(-1)).toBe(6 * HOUR_MS);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  });

  test("are spread over time", () => {
    expect(waitAfter({}, 0.999)).toBeGreaterThan(waitAfter({}, 0));
    expect(waitAfter({ count: 20 }, 1)).toBe(7.2 * HOUR_MS);
  });

  test("leave minutes after what the authority counts", () => {
    expect(waitAfter({ isUnproven: true })).toBe(120_000);
  });

  test("heed what the authority asks for", () => {
    expect(waitAfter({ retryAtMs: NOW_MS + DAY_MS })).toBe(DAY_MS);
    expect(waitAfter({ retryAtMs: NOW_MS - DAY_MS })).toBe(10_000);
  });

  test("come several times in the last third of any lifetime", () => {
    for (const lifetimeMs of [90 * DAY_MS, 6 * DAY_MS, HOUR_MS]) {
      expect(waitAfter({ count: 50, lifetimeMs }, 1)).toBeLessThanOrEqual(Math.max(lifetimeMs / 3 / 6, 12_000));
    }
  });
});

describe("limits of our own", () => {
  test("ten orders in ten seconds", () => {
    const placed = Array.from({ length: ORDERS_MAX }, (_, index) => NOW_MS - 1000 * index);
    expect(orderAllowedMs(placed.slice(1), NOW_MS)).toBe(0);
    expect(orderAllowedMs(placed, NOW_MS)).toBe(NOW_MS - 9000 + ORDERS_PERIOD_MS);
    expect(orderAllowedMs(placed, NOW_MS + 1001)).toBe(0);
  });

  test("failed validations of a name in an hour", () => {
    const failures = Array.from({ length: FAILED_VALIDATIONS_MAX }, (_, index) => ({
      name: "a",
      atMs: NOW_MS - 60_000 * index,
    }));
    expect(validationAllowedMs(failures.slice(1), NOW_MS)).toBe(0);
    expect(validationAllowedMs([...failures.slice(1), { name: "b", atMs: NOW_MS }], NOW_MS)).toBe(0);
    expect(validationAllowedMs(failures, NOW_MS)).toBe(NOW_MS - 180_000 + HOUR_MS);
    expect(validationAllowedMs(failures, NOW_MS + HOUR_MS)).toBe(0);
    expect(validationAllowedMs(failures, NOW_MS - DAY_MS)).toBe(0); // the clock was set back
  });
});

describe("Retry-After", () => {
  test.each([
    ["120", NOW_MS + 120_000],
    ["Thu, 01 Jan 2026 00:01:00 GMT", NOW_MS + 60_000],
    ["Thu, 01 Jan 1998 00:01:00 GMT", NOW_MS],
    ["999999999", NOW_MS + DAY_MS],
    ["soon", null],
    ["-1", null],
    [null, null],
  ])("%p", (value, expected) => {
    expect(retryAfterMs(value, NOW_MS)).toBe(expected as never);
  });
});
