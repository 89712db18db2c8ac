/**
 * Files whose content is gzip by what their name says: `.svgz`, an SVG image that is decompressed on its way to the screen
 * (SVG 1.1 §1.2: image/svg+xml with Content-Encoding: gzip).
 *
 * In:    a name; the file's octets. Out: its content, decompressed off the event loop, or null.
 * Why:   a client that doesn't accept gzip gets the image decompressed (RFC 9110 §12.5.3), which is done once per version of
 *        the file.
 */
import { gunzip } from "node:zlib";

/** Most octets that one may decompress to; an image that becomes larger is sent as stored, to every client. */
const UNPACKED_OCTETS_MAX = 8 * 1024 * 1024;

export function isPackedName(fileName: string): boolean {
  return /\.svgz$/i.test(fileName);
}

/** Calls back later; with null for octets that aren't gzip, or far too many. */
export function unpack(content: Buffer, done: (unpacked: Buffer | null) => void): void {
  gunzip(content, { maxOutputLength: UNPACKED_OCTETS_MAX }, (error, unpacked) =>
    done(error === null ? unpacked : null),
  );
}
