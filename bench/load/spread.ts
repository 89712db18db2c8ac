/**
 * Median and spread of repeated measurements.
 *
 * In:    the values of all rounds, in any order.
 * Out:   `Spread`: median, least, most, and how far apart they are in relation to the median.
 * Keeps: pure; an empty list gives NaN everywhere, so that "not measured" never looks like a number.
 */

export interface Spread {
  median: number;
  least: number;
  most: number;
  /** (most − least) / median: 0.04 means the rounds lie within 4 %. */
  relative: number;
}

/** The middle value; the mean of the two middle ones when their number is even. */
export function medianOf(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) return { median: NaN, least: NaN, most: NaN, relative: NaN };
  const median = medianOf(values);
  const least = Math.min(...values);
  const most = Math.max(...values);
  return { median, least, most, relative: median === 0 ? 0 : (most - least) / median };
}

/** Two contenders' values put together round by round; rounds only one of them has are left out. */
export function paired(
  ones: readonly number[],
  others: readonly number[],
  combine: (one: number, other: number) => number,
): number[] {
  const count = Math.min(ones.length, others.length);
  return Array.from({ length: count }, (_, index) => combine(ones[index]!, others[index]!));
}

/** Their quotients. */
export function pairedRatios(numerators: readonly number[], denominators: readonly number[]): number[] {
  return paired(numerators, denominators, (one, other) => one / other);
}

/** The order of a round: A B C, then B C A, then C A B, so that no contender always follows the same neighbour's noise. */
export function rotatedOrder<T>(items: readonly T[], round: number): T[] {
  if (items.length === 0) return [];
  const first = round % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
