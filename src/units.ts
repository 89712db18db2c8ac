/**
 * Numbers that must not be taken for each other, where several kinds meet: types alone, which cost nothing when saker runs.
 *
 * Keeps: a kind is branded where a mix-up would go unseen, and nowhere else; arithmetic gives plain numbers, which are given their kind
 *        again by whoever knows it.
 */
declare const unit: unique symbol;

/**
 * A second of the timer wheel: a point in time, counted since the wheel was made. Neither a duration in seconds, nor the clock's
 * milliseconds, nor a second since 1970.
 */
export type WheelSecond = number & { readonly [unit]: "seconds since the wheel was made" };
