/**
 * An IP address as text, for logs and comparisons: dotted decimal for IPv4, RFC 5952 for IPv6.
 */
import { Address, Family, parseAddress } from "./address.ts";

const scratch = new Address();

/**
 * The address that `text` spells in its one canonical form: an IPv4-mapped IPv6 address as the IPv4 address it carries,
 * without a zone. Text that is not an address is returned unchanged.
 */
export function canonicalAddress(text: string): string {
  return parseAddress(text, scratch) ? formatAddress(scratch) : text;
}

/** "-" for Family.None. */
export function formatAddress({ family, word0, word1, word2, word3 }: Address): string {
  if (family === Family.None) return "-";
  if (family === Family.Ipv4) return `${word0 >>> 24}.${(word0 >>> 16) & 255}.${(word0 >>> 8) & 255}.${word0 & 255}`;
  const groups = [word0, word1, word2, word3].flatMap((word) => [word >>> 16, word & 0xffff]);
  const { start, count } = longestZeros(groups);
  const texts = groups.map((group) => group.toString(16));
  if (count < 2) return texts.join(":");
  return `${texts.slice(0, start).join(":")}::${texts.slice(start + count).join(":")}`;
}

/** The first of the longest runs of zeros (RFC 5952 §4.2). */
function longestZeros(groups: readonly number[]): { start: number; count: number } {
  let best = { start: 0, count: 0 };
  for (let start = 0; start < groups.length; start++) {
    let count = 0;
    while (groups[start + count] === 0) count++;
    if (count > best.count) best = { start, count };
  }
  return best;
}
