/**
 * An IP address as text, for logs and for whoever compares texts: dotted decimal, or RFC 5952 for IPv6.
 *
 * Out:   "-" for Family.None.
 */
import { type Address, Family } from "./address.ts";

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
