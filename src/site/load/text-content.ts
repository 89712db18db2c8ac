/**
 * Whether a file without an extension is text: README, LICENSE, Makefile are to be read, not to be downloaded.
 *
 * In:    its first octets, TEXT_OCTETS of them or all it has.
 * Out:   true for UTF-8, and so for ASCII, without the octets that are binary by the WHATWG's MIME Sniffing standard (§3): control
 *        characters other than TAB, LF, FF, CR and ESC. An empty file is text.
 * Keeps: it decides between text/plain and application/octet-stream, and for no other type, whatever the content looks like: both
 *        are inert. What looks like HTML is shown as text; X-Content-Type-Options says that a browser may not guess otherwise.
 */

/** How much is looked at. */
export const TEXT_OCTETS = 512;

/** The Content-Type of what is text. */
export const TEXT_TYPE = "text/plain; charset=utf-8";

const IS_BINARY = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet <= 0x08 || octet === 0x0b || (octet >= 0x0e && octet <= 0x1a) || (octet >= 0x1c && octet <= 0x1f) ? 1 : 0,
);

/** `isWhole`: nothing follows; otherwise a character may be cut at the end. */
export function beginsAsText(start: Uint8Array, isWhole: boolean): boolean {
  if (start.some((octet) => IS_BINARY[octet] === 1)) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(start, { stream: !isWhole });
    return true;
  } catch {
    return false; // not UTF-8: that is the question
  }
}
