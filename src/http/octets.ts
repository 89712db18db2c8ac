/**
 * Octet classes of the HTTP grammar, and the few octets that have a name.
 *
 * Each class is a 256-entry table, built once from the ABNF written above it; a class test is one read. No class
 * holds LF (and none but OWS and FIELD_VALUE holds HTAB or SP), so a scan over a class stops at the end of a line
 * by itself: the parsers rely on that instead of checking a bound for every octet.
 *
 * Source: RFC 9110 §5.5, §5.6; RFC 9112 §2, §3; RFC 3986 §2, §3.2; RFC 5234 §B.1.
 */

export enum Octet {
  Htab = 0x09,
  Lf = 0x0a,
  Cr = 0x0d,
  Space = 0x20,
  Quote = 0x22,
  Hash = 0x23,
  Percent = 0x25,
  Asterisk = 0x2a,
  Comma = 0x2c,
  Hyphen = 0x2d,
  Dot = 0x2e,
  Slash = 0x2f,
  Zero = 0x30,
  Nine = 0x39,
  Colon = 0x3a,
  Semicolon = 0x3b,
  Equals = 0x3d,
  QuestionMark = 0x3f,
  At = 0x40,
  UpperW = 0x57,
  LeftBracket = 0x5b,
  Backslash = 0x5c,
  RightBracket = 0x5d,
  LowerW = 0x77,
}

/** Bit that tells a lower-case ASCII letter from its upper-case twin. */
export const CASE_BIT = 0x20;

/** ALPHA = %x41-5A / %x61-7A */
const isAlpha = (octet: number) => (octet >= 0x41 && octet <= 0x5a) || (octet >= 0x61 && octet <= 0x7a);
/** DIGIT = %x30-39 */
const isDigit = (octet: number) => octet >= 0x30 && octet <= 0x39;
/** HEXDIG = DIGIT / "A"-"F" / "a"-"f" */
const isHexdig = (octet: number) =>
  isDigit(octet) || (octet >= 0x41 && octet <= 0x46) || (octet >= 0x61 && octet <= 0x66);
/** VCHAR = %x21-7E */
const isVchar = (octet: number) => octet >= 0x21 && octet <= 0x7e;
/** obs-text = %x80-FF */
const isObsText = (octet: number) => octet >= 0x80;
const isOneOf = (octets: string) => (octet: number) => octets.includes(String.fromCharCode(octet));

/** tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~" / DIGIT / ALPHA */
const isTcharMark = isOneOf("!#$%&'*+-.^_`|~");
export const TCHAR = octetClass((octet) => isTcharMark(octet) || isDigit(octet) || isAlpha(octet));

/** field-vchar = VCHAR / obs-text; what a field value may hold is field-vchar, SP and HTAB (RFC 9110 §5.5). */
export const FIELD_VALUE = octetClass(
  (octet) => isVchar(octet) || isObsText(octet) || octet === Octet.Space || octet === Octet.Htab,
);

/** OWS = *( SP / HTAB ) */
export const OWS = octetClass((octet) => octet === Octet.Space || octet === Octet.Htab);

export const DIGIT = octetClass(isDigit);
export const ALPHA = octetClass(isAlpha);

/**
 * What a request-target in origin-form may hold before its query. A path is made of pchar and "/" (RFC 3986 §3.3); of that
 * grammar "%" is checked by the code that decodes the path.
 * Departs from RFC 3986 §2: `"<>[]^`{|}` and octets from 0x80 are let through, and mean what their percent-encoded form
 * means. Clients send them as they stand in a link, and other servers serve them. "\" is refused: some readers of a URL
 * take it for a slash and some for a character. So are controls, SP and "#" (a fragment is never sent, RFC 9112 §3.2).
 */
const isPathOctet = (octet: number) => !isOneOf("#?\\")(octet) && (isVchar(octet) || isObsText(octet));
export const TARGET_PATH = octetClass(isPathOctet);

/** The same for its query (RFC 3986 §3.4), which has no segments that a backslash could seem to separate. */
export const TARGET_QUERY = octetClass((octet) => octet !== Octet.Hash && (isVchar(octet) || isObsText(octet)));

/**
 * What the path of a request-target in absolute-form may hold: pchar and "/" (RFC 3986 §3.3). Proxies write it, not people.
 * Departs from RFC 3986 §3.3: "[" and "]" are let through; browsers leave them alone, and file names have them.
 */
const isPathMark = isOneOf("-._~!$&'()*+,;=:@/%[]");
export const URI_PATH = octetClass((octet) => isAlpha(octet) || isDigit(octet) || isPathMark(octet));

/**
 * The same for its query: VCHAR without "#".
 * Departs from RFC 3986 §3.4: `"<>[\]^`{|}` are let through, because browsers send most of them unescaped in a query.
 */
export const URI_QUERY = octetClass((octet) => isVchar(octet) && octet !== Octet.Hash);

/** reg-name = *( unreserved / pct-encoded / sub-delims ), the "%" of pct-encoded left out (RFC 3986 §3.2.2). */
const isRegNameMark = isOneOf("-._~!$&'()*+,;=");
export const REG_NAME = octetClass((octet) => isAlpha(octet) || isDigit(octet) || isRegNameMark(octet));

/** Value of a HEXDIG, or HEX_NONE for every other octet. */
export const HEX_NONE = 0xff;
export const HEX = Uint8Array.from({ length: 256 }, (_, octet) =>
  isHexdig(octet) ? parseInt(String.fromCharCode(octet), 16) : HEX_NONE,
);

function octetClass(contains: (octet: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, octet) => (contains(octet) ? 1 : 0));
}

/** Octets of an ISO 8859-1 text; every character must be below U+0100. */
export function octetsOf(text: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0xff) throw new RangeError(`not an ISO 8859-1 text: ${JSON.stringify(text)}`);
    octets[index] = code;
  }
  return octets;
}

/** ISO 8859-1 text of octets [start, end). Makes a string: not for the hot path. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.prototype.latin1Slice.call(bytes, start, end);
}

/**
 * Whether octets [start, end) are those of `lowerCase`, whatever the case of ASCII letters.
 *
 * Both must hold no controls, and `lowerCase` nothing but "a"-"z", DIGIT, "-", ":" and "/": on those, setting CASE_BIT
 * folds letters and changes nothing else.
 */
export function equalsIgnoringCase(bytes: Uint8Array, start: number, end: number, lowerCase: Uint8Array): boolean {
  const octets = lowerCase.length;
  if (end - start !== octets) return false;
  for (let index = 0; index < octets; index++) {
    if ((bytes[start + index]! | CASE_BIT) !== lowerCase[index]) return false;
  }
  return true;
}

/** Whether octets [start, end) are exactly those of `octets`. */
export function equalsExactly(bytes: Uint8Array, start: number, end: number, octets: Uint8Array): boolean {
  const count = octets.length;
  if (end - start !== count) return false;
  for (let index = 0; index < count; index++) {
    if (bytes[start + index] !== octets[index]) return false;
  }
  return true;
}
