/**
 * File names that hold a fingerprint of their content, as build tools make them: such a name never means another content.
 *
 *     app.3f9c2b1a.js   index-BxK3k2f1.css   main.5d41402abc4b2a76.js   logo-4f6e9a2c1b.svg   chunk-QZ7YV2KD.js
 *
 * In:    a file's name. Out: whether one of its parts looks like a fingerprint.
 * Keeps: cautious: a part of 8 characters or more between dots, dashes or underscores, before the extension, that is
 *        hexadecimal with a digit and a letter, or base32/base64url with at least a digit and an upper-case letter. Words, dates and
 *        version numbers don't count: keeping a file for a year by mistake is worse than asking for it again.
 */
const PARTS = /[.\-_]([A-Za-z0-9]{8,64}|[A-Za-z0-9_-]{8,64})(?=\.)/g;

export function hasFingerprint(fileName: string): boolean {
  for (let at = 0; at < fileName.length; at++) {
    PARTS.lastIndex = at;
    const match = PARTS.exec(fileName);
    if (match === null) return false;
    if (looksRandom(match[1]!)) return true;
    at = match.index;
  }
  return false;
}

/** A word with a number behind it, and a point in time. */
const NAMED = /^(?:[A-Za-z]+\d+|\d{8}T\d{4,6}Z?)$/;

function looksRandom(part: string): boolean {
  if (/^[0-9a-f]+$/.test(part)) return /[0-9]/.test(part) && /[a-f]/.test(part);
  return /[0-9]/.test(part) && /[A-Z]/.test(part) && !NAMED.test(part);
}
