/**
 * How long the parts of a line in the access log may be, escapes included; longer ones are cut and marked with `...`.
 *
 * Units: octets.
 * Keeps: together with names, punctuation, numbers and overruns they fit into the longest line (sink.ts).
 */
import { LINE_OCTETS_MAX } from "./sink.ts";
import { JSON_OVERRUN } from "./json-text.ts";

export const ADDRESS_OCTETS_MAX = 64;
export const HOST_OCTETS_MAX = 255;
export const USER_OCTETS_MAX = 128;
export const METHOD_OCTETS_MAX = 32;
export const TARGET_OCTETS_MAX = 2048;
export const REFERER_OCTETS_MAX = 384;
export const USER_AGENT_OCTETS_MAX = 512;
/** Names of hosts are longer very rarely. */
export const SERVER_NAME_OCTETS_MAX = 128;
export const CIPHER_SUITE_OCTETS_MAX = 48;
/** Also of a request's identifier as it is taken. */
export const REQUEST_ID_OCTETS_MAX = 128;

/** Parts that may be cut. */
const PARTS = [HOST_OCTETS_MAX, USER_OCTETS_MAX, METHOD_OCTETS_MAX, TARGET_OCTETS_MAX, REFERER_OCTETS_MAX].concat(
  USER_AGENT_OCTETS_MAX,
  SERVER_NAME_OCTETS_MAX,
);

/** Names and punctuation of the JSON form 220, time 25, versions 3 + 3, numbers 3 + 16 + 16, the longer of true and false. */
const FIXED_OCTETS_MAX = 290;

const longest =
  FIXED_OCTETS_MAX +
  ADDRESS_OCTETS_MAX +
  REQUEST_ID_OCTETS_MAX +
  CIPHER_SUITE_OCTETS_MAX +
  PARTS.reduce((sum, octets) => sum + octets + JSON_OVERRUN, 0);
if (longest > LINE_OCTETS_MAX) throw new Error("access log: the parts of a line may not exceed the longest line");
