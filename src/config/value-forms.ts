/**
 * Forms of strings in settings: names of files, accounts and media types, ranges of addresses. Those of the site's rules are in
 * site-forms.ts.
 *
 * Out:   predicates, and the words for them where several settings share one.
 * Keeps: pure; only the syntax is checked.
 */

export const RANGE_FORM = 'an address or a range such as "10.0.0.0/8"';

/** A file name, not a path: `index` must never lead out of the folder it is looked up in. */
export function isFileName(text: string): boolean {
  return text !== "" && text !== "." && text !== ".." && !/[/\\\0]/.test(text);
}

/** Empty, or segments of a path without a slash at the end, none of them a dot segment. */
export function isPathPrefix(text: string): boolean {
  return text === "" || (/^(\/[A-Za-z0-9._~-]+)+$/.test(text) && !/\/\.\.?(\/|$)/.test(text));
}

/** A file name extension in lower case, without the dot. */
export function isExtension(text: string): boolean {
  return /^[^A-Z./\\\0]+$/.test(text);
}

/** media-type of RFC 9110 §8.3.1, parameters unquoted or quoted. */
export function isMediaType(text: string): boolean {
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:; ?[\w!#$&^.+-]+=(?:[\w!#$&^.+-]+|"[\x20\x21\x23-\x5b\x5d-\x7e]*"))*$/.test(
    text,
  );
}

/** A user's or group's name, or its number. */
export function isAccount(text: string): boolean {
  return /^([A-Za-z_][A-Za-z0-9_.-]*\$?|\d{1,10})$/.test(text);
}
