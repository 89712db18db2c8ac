/**
 * The states of a chunked message body, in the order of its life (RFC 9112 §7.1).
 *
 *     chunked-body   = *chunk last-chunk trailer-section CRLF
 *     chunk          = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
 *     chunk-ext      = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
 *     last-chunk     = 1*"0" [ chunk-ext ] CRLF
 *
 * Each state says what the next octet may be; message-body.ts takes the steps, its tests compare them with CHUNK_NEXT.
 */

export enum ChunkState {
  /** First digit of chunk-size. */
  Size,
  /** Further digits, or what ends them. */
  SizeMore,
  /** BWS before ";". */
  ExtensionSpace,
  /** BWS after ";", then the first octet of a chunk-ext-name. */
  ExtensionStart,
  /** The rest of the extensions, up to CR. */
  Extension,
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
  [ChunkState.ExtensionStart]: [ChunkState.ExtensionStart, ChunkState.Extension],
  [ChunkState.Extension]: [ChunkState.Extension, ChunkState.SizeLf],
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
