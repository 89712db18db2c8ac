/**
 * The states of a chunked message body, in the order of its life (RFC 9112 §7.1).
 *
 *     chunked-body   = *chunk last-chunk trailer-section CRLF
 *     chunk          = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
 *     chunk-ext      = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
 *     last-chunk     = 1*"0" [ chunk-ext ] CRLF
 *
 * Each state says what the next octet may be; message-body.ts and chunk-extension.ts take the steps, tests compare them with
 * CHUNK_NEXT.
 */

export enum ChunkState {
  /** First digit of chunk-size. */
  Size,
  /** Further digits, or what ends them. */
  SizeMore,
  /** BWS after a chunk-size, before ";". */
  ExtensionSpace,
  /** BWS after ";", then the first octet of a chunk-ext-name. */
  ExtensionStart,
  /** Further octets of a chunk-ext-name, or what ends it. */
  ExtensionName,
  /** BWS after a chunk-ext-name, before "=" or ";". */
  ExtensionNameSpace,
  /** BWS after "=", then the first octet of a chunk-ext-val. */
  ExtensionValueStart,
  /** Further octets of a chunk-ext-val that is a token, or what ends it. */
  ExtensionToken,
  /** Inside a quoted-string. */
  ExtensionQuoted,
  /** After a backslash inside a quoted-string. */
  ExtensionQuotedPair,
  /** After the quotation mark that ends a quoted-string. */
  ExtensionQuotedEnd,
  /** BWS after a chunk-ext-val, before ";". */
  ExtensionValueSpace,
  /** LF of a chunk-size line. */
  SizeLf,
  Data,
  DataCr,
  DataLf,
  /** First octet of a trailer field line, or CR of the line that ends the message. */
  Trailer,
  TrailerName,
  TrailerValue,
  TrailerLf,
  EndLf,
  Done,
}

/** Every edge; any other step is an error of the peer. */
export const CHUNK_NEXT: Readonly<Record<ChunkState, readonly ChunkState[]>> = {
  [ChunkState.Size]: [ChunkState.SizeMore],
  [ChunkState.SizeMore]: [ChunkState.SizeMore, ChunkState.ExtensionSpace, ChunkState.ExtensionStart, ChunkState.SizeLf],
  [ChunkState.ExtensionSpace]: [ChunkState.ExtensionSpace, ChunkState.ExtensionStart],
  [ChunkState.ExtensionStart]: [ChunkState.ExtensionStart, ChunkState.ExtensionName],
  [ChunkState.ExtensionName]: [
    ChunkState.ExtensionName,
    ChunkState.ExtensionNameSpace,
    ChunkState.ExtensionStart,
    ChunkState.ExtensionValueStart,
    ChunkState.SizeLf,
  ],
  [ChunkState.ExtensionNameSpace]: [
    ChunkState.ExtensionNameSpace,
    ChunkState.ExtensionStart,
    ChunkState.ExtensionValueStart,
  ],
  [ChunkState.ExtensionValueStart]: [
    ChunkState.ExtensionValueStart,
    ChunkState.ExtensionToken,
    ChunkState.ExtensionQuoted,
  ],
  [ChunkState.ExtensionToken]: [
    ChunkState.ExtensionToken,
    ChunkState.ExtensionValueSpace,
    ChunkState.ExtensionStart,
    ChunkState.SizeLf,
  ],
  [ChunkState.ExtensionQuoted]: [
    ChunkState.ExtensionQuoted,
    ChunkState.ExtensionQuotedPair,
    ChunkState.ExtensionQuotedEnd,
  ],
  [ChunkState.ExtensionQuotedPair]: [ChunkState.ExtensionQuoted],
  [ChunkState.ExtensionQuotedEnd]: [ChunkState.ExtensionValueSpace, ChunkState.ExtensionStart, ChunkState.SizeLf],
  [ChunkState.ExtensionValueSpace]: [ChunkState.ExtensionValueSpace, ChunkState.ExtensionStart],
  [ChunkState.SizeLf]: [ChunkState.Data, ChunkState.Trailer],
  [ChunkState.Data]: [ChunkState.Data, ChunkState.DataCr],
  [ChunkState.DataCr]: [ChunkState.DataLf],
  [ChunkState.DataLf]: [ChunkState.Size],
  [ChunkState.Trailer]: [ChunkState.TrailerName, ChunkState.EndLf],
  [ChunkState.TrailerName]: [ChunkState.TrailerName, ChunkState.TrailerValue],
  [ChunkState.TrailerValue]: [ChunkState.TrailerValue, ChunkState.TrailerLf],
  [ChunkState.TrailerLf]: [ChunkState.Trailer],
  [ChunkState.EndLf]: [ChunkState.Done],
  [ChunkState.Done]: [],
};
