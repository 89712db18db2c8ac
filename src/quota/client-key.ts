/**
 * What counts as one client: an IPv4 address, or the first 64 bits of an IPv6 address, the smallest block that an end site
 * is assigned (RFC 6177 §2).
 *
 * Out:   two words. An IPv4 address has FOR_IPV4 as its first, which is multicast in IPv6 and never a source address.
 */

/** The two words, in a reusable object. */
export interface ClientKey {
  key0: number;
  key1: number;
}

const FOR_IPV4 = -1;

/** `family` is 4 or 6, the words are those of the address, most significant first. */
export function setClientKey(key: ClientKey, family: number, word0: number, word1: number): void {
  key.key0 = family === 4 ? FOR_IPV4 : word0;
  key.key1 = family === 4 ? word0 : word1;
}

/** 32 bits that depend on all bits of the key. */
export function hashClientKey(key0: number, key1: number): number {
  let hash = Math.imul(key0, 0x9e3779b1) ^ Math.imul(key1, 0x85ebca77);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}
