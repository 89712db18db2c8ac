/**
 * Numbers that must not be taken for each other, where several kinds meet in one call: types alone, which cost nothing when saker runs.
 * And how long hours and days are.
 *
 * Out:   for each kind a type, and a function of the same name that gives a number its kind.
 * Keeps: a kind is branded where a mix-up would go unseen, and nowhere else. Every kind is a number to those who ask for one.
 *        Arithmetic gives plain numbers, which are given their kind again by whoever knows it.
 */
declare const unit: unique symbol;

/** A place in a file or a representation: octets from its beginning. */
export type Offset = number & { readonly [unit]: "octets from the beginning" };
export function Offset(value: number): Offset {
  return value as Offset;
}

/** How many octets, wherever they lie. */
export type Octets = number & { readonly [unit]: "octets" };
export function Octets(value: number): Octets {
  return value as Octets;
}

/** A time of the monotonic clock, or between two of them. */
export type Milliseconds = number & { readonly [unit]: "milliseconds" };
export function Milliseconds(value: number): Milliseconds {
  return value as Milliseconds;
}

/** A duration, as settings give it. */
export type Seconds = number & { readonly [unit]: "seconds" };
export function Seconds(value: number): Seconds {
  return value as Seconds;
}

/**
 * A second of the timer wheel: a point in time, counted since the wheel was made. Neither a duration in seconds, nor the clock's
 * milliseconds, nor a second since 1970.
 */
export type WheelSecond = number & { readonly [unit]: "seconds since the wheel was made" };
export function WheelSecond(value: number): WheelSecond {
  return value as WheelSecond;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const DAY_SECONDS = 86_400;
