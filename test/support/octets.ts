/**
 * Octets to serve and compare: reproducible, incompressible, and different at every offset.
 *
 * In:    a length and a seed.
 * Out:   a Buffer; the same length and seed give the same octets in every process.
 * Keeps: a piece sent from a wrong offset, or twice, never equals the piece that belongs there.
 */

/** `octets` pseudo-random octets (xorshift32). */
export function randomOctets(octets: number, seed = 1): Buffer {
  const words = new Uint32Array(Math.ceil(octets / 4));
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return Buffer.from(words.buffer, 0, octets);
}

/** Says where two runs of octets first differ, for a failure message shorter than the octets; null when they are equal. */
export function firstDifference(got: Uint8Array, wanted: Uint8Array): string | null {
  if (Buffer.compare(got, wanted) === 0) return null;
  const common = Math.min(got.length, wanted.length);
  let offset = 0;
  while (offset < common && got[offset] === wanted[offset]) offset++;
  return `got ${got.length} octets, wanted ${wanted.length}, first difference at ${offset}`;
}
