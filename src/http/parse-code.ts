/**
 * Every way a request can be malformed, and the response to each.
 *
 * Parsers return `-ParseCode` (heads) or set it (bodies); nothing here is thrown. After any of them the connection
 * answers `PARSE_FAILURE[code].status` and closes: where the message ends is no longer known, or not worth reading.
 * `BadExpectation` is the one failure of a message that is well framed; it is answered and closed as well.
 *
 * Source: the section of each row.
 */

export enum ParseCode {
  None,
  BadMethod,
  MethodTooLong,
  BadTarget,
  TargetTooLong,
  BadRequestLine,
  BadVersion,
  VersionNotSupported,
  BadLineEnd,
  LineFolding,
  BadFieldName,
  BadFieldValue,
  TooManyFields,
  HeadTooLarge,
  MissingHost,
  RepeatedHost,
  BadHost,
  BadContentLength,
  RepeatedContentLength,
  FramingConflict,
  BadTransferCoding,
  UnknownTransferCoding,
  ContentTooLarge,
  BadExpectation,
  BadChunkSize,
  BadChunkExtension,
  ChunkExtensionTooLarge,
  BadChunkEnd,
  BadTrailer,
  TrailerTooLarge,
  BadPseudoField,
  MissingPseudoField,
  ConnectionField,
  HostConflict,
  ContentLengthMismatch,
}

export interface ParseFailure {
  /** Status code of the answer. */
  readonly status: number;
  /** What was wrong; a sentence without the peer's octets. */
  readonly reason: string;
  /** Where the rule is written. */
  readonly section: string;
}

const failure = (status: number, section: string, reason: string): ParseFailure => ({ status, reason, section });

/** By `ParseCode`. The row of `None` is never answered. */
export const PARSE_FAILURE: Readonly<Record<ParseCode, ParseFailure>> = {
  [ParseCode.None]: failure(0, "", "no failure"),
  [ParseCode.BadMethod]: failure(400, "RFC 9110 §9.1", "the method is not a token"),
  [ParseCode.MethodTooLong]: failure(501, "RFC 9112 §3", "the method is longer than any known method"),
  [ParseCode.BadTarget]: failure(400, "RFC 9112 §3.2", "the request-target has none of the four forms"),
  [ParseCode.TargetTooLong]: failure(414, "RFC 9112 §3", "the request-target is too long"),
  [ParseCode.BadRequestLine]: failure(400, "RFC 9112 §3", "the request-line is malformed"),
  [ParseCode.BadVersion]: failure(400, "RFC 9112 §2.3", "the HTTP version is malformed"),
  [ParseCode.VersionNotSupported]: failure(505, "RFC 9110 §15.6.6", "the major HTTP version is not 1"),
  [ParseCode.BadLineEnd]: failure(400, "RFC 9112 §2.2", "a line does not end with CRLF"),
  [ParseCode.LineFolding]: failure(400, "RFC 9112 §5.2", "a field line is folded"),
  [ParseCode.BadFieldName]: failure(400, "RFC 9112 §5.1", "a field name is malformed"),
  [ParseCode.BadFieldValue]: failure(400, "RFC 9110 §5.5", "a field value holds a control character"),
  [ParseCode.TooManyFields]: failure(431, "RFC 6585 §5", "there are too many field lines"),
  [ParseCode.HeadTooLarge]: failure(431, "RFC 6585 §5", "the request head is too large"),
  [ParseCode.MissingHost]: failure(400, "RFC 9112 §3.2", "Host is missing"),
  [ParseCode.RepeatedHost]: failure(400, "RFC 9112 §3.2", "there is more than one Host"),
  [ParseCode.BadHost]: failure(400, "RFC 9112 §3.2", "Host is malformed"),
  [ParseCode.BadContentLength]: failure(400, "RFC 9110 §8.6", "Content-Length is not a number"),
  [ParseCode.RepeatedContentLength]: failure(400, "RFC 9112 §6.3", "there is more than one Content-Length"),
  [ParseCode.FramingConflict]: failure(400, "RFC 9112 §6.1", "both Content-Length and Transfer-Encoding are given"),
  [ParseCode.BadTransferCoding]: failure(400, "RFC 9112 §6.3", "Transfer-Encoding does not end with one chunked"),
  [ParseCode.UnknownTransferCoding]: failure(501, "RFC 9112 §6.1", "a transfer coding is not implemented"),
  [ParseCode.ContentTooLarge]: failure(413, "RFC 9110 §15.5.14", "the content is too large"),
  [ParseCode.BadExpectation]: failure(417, "RFC 9110 §10.1.1", "the expectation cannot be met"),
  [ParseCode.BadChunkSize]: failure(400, "RFC 9112 §7.1", "a chunk size is malformed"),
  [ParseCode.BadChunkExtension]: failure(400, "RFC 9112 §7.1.1", "a chunk extension is malformed"),
  [ParseCode.ChunkExtensionTooLarge]: failure(400, "RFC 9112 §7.1.1", "the chunk extensions are too large"),
  [ParseCode.BadChunkEnd]: failure(400, "RFC 9112 §7.1", "a chunk does not end with CRLF"),
  [ParseCode.BadTrailer]: failure(400, "RFC 9112 §7.1.2", "the trailer section is malformed"),
  [ParseCode.TrailerTooLarge]: failure(431, "RFC 6585 §5", "the trailer section is too large"),
  [ParseCode.BadPseudoField]: failure(400, "RFC 9113 §8.3", "a pseudo-field is unknown, repeated or out of place"),
  [ParseCode.MissingPseudoField]: failure(400, "RFC 9113 §8.3.1", "a pseudo-field is missing or empty"),
  [ParseCode.ConnectionField]: failure(400, "RFC 9113 §8.2.2", "a field is about a connection"),
  [ParseCode.HostConflict]: failure(400, "RFC 9113 §8.3.1", "Host is not what the target says"),
  [ParseCode.ContentLengthMismatch]: failure(400, "RFC 9113 §8.1.1", "Content-Length differs from the content"),
};

/** What was wrong and where the rule is written, in words, for the error log. */
export function reasonOf(code: ParseCode): string {
  const { reason, section } = PARSE_FAILURE[code];
  return `${reason} (${section})`;
}
