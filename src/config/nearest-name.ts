/**
 * The known name that was probably meant ("did you mean").
 *
 * In:    an unknown name and the names that would have been right.
 * Out:   the nearest one, or null when none is near enough to help.
 * Keeps: nearness is the number of insertions, deletions, replacements and swaps of neighbours (optimal string
 *        alignment); case and the difference between `-` and `_` do not count. At most a third of the name may differ.
 *        More than one slip is less likely than what is left out: "root" means "document_root", not "host".
 */

/** Returns the nearest of `candidates`; the first of equals; null when nothing is near. */
export function nearestName(name: string, candidates: Iterable<string>): string | null {
  const wanted = normalize(name);
  if (wanted === "") return null;
  let nearest: string | null = null;
  let distanceMin = Math.max(1, Math.ceil(wanted.length / 3)) + 1;
  let containing: string | null = null;
  for (const candidate of candidates) {
    const known = normalize(candidate);
    // The length difference is a lower bound: it keeps absurdly long names cheap.
    if (Math.abs(known.length - wanted.length) < distanceMin) {
      const distance = editDistance(wanted, known);
      if (distance < distanceMin) {
        nearest = candidate;
        distanceMin = distance;
      }
    }
    // "root" is far from "document_root", and "cert" from "certificate", and yet what was meant.
    const isPart = `_${known}_`.includes(`_${wanted}_`) || known.startsWith(wanted);
    if (wanted.length >= 4 && isPart) containing ??= candidate;
  }
  return distanceMin <= 1 ? nearest : (containing ?? nearest);
}

/** The end of an error's sentence: `; did you mean "port"?`, or "" when nothing is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const nearest = nearestName(name, candidates);
  return nearest === null ? "" : `; did you mean "${nearest}"?`;
}

function normalize(name: string): string {
  return name.toLowerCase().replace(/^-+/, "").replaceAll("-", "_");
}

/** Insertions, deletions, replacements and swaps of neighbours that make `target` of `source`. */
export function editDistance(source: string, target: string): number {
  const width = target.length + 1;
  let beforePrevious = new Uint32Array(width);
  let previous = Uint32Array.from({ length: width }, (_, index) => index);
  let current = new Uint32Array(width);
  for (let row = 1; row <= source.length; row++) {
    current[0] = row;
    for (let column = 1; column < width; column++) {
      const isSame = source[row - 1] === target[column - 1];
      let distance = Math.min(
        previous[column]! + 1,
        current[column - 1]! + 1,
        previous[column - 1]! + (isSame ? 0 : 1),
      );
      const isSwap =
        row > 1 && column > 1 && source[row - 1] === target[column - 2] && source[row - 2] === target[column - 1];
      if (isSwap) distance = Math.min(distance, beforePrevious[column - 2]! + 1);
      current[column] = distance;
    }
    [beforePrevious, previous, current] = [previous, current, beforePrevious];
  }
  return previous[width - 1]!;
}
