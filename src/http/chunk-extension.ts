/**
 * The extensions of a chunk, octet by octet (RFC 9112 §7.1.1).
 *
 *     chunk-ext      = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
 *     chunk-ext-name = token
 *     chunk-ext-val  = token / quoted-string
 *     quoted-string  = DQUOTE *( qdtext / quoted-pair ) DQUOTE        ; RFC 9110 §5.6.4
 *
 * In:    a state from ExtensionSpace to ExtensionValueSpace, the next octet.
 * Out:   the state after it; -1 where the grammar has none. A CR that may end the line leads to SizeLf.
 * Keeps: the whole grammar is checked, though saker knows no extension: a reader that takes a quoted CRLF for the end of
 *        the line, or a malformed extension for another one, would find other chunks in the same octets.
 */

import { ChunkState } from "./chunk-state.ts";
import { FIELD_VALUE, Octet, OWS, TCHAR } from "./octets.ts";

export function stepChunkExtension(state: ChunkState, octet: number): ChunkState | -1 {
  switch (state) {
    case ChunkState.ExtensionSpace:
    case ChunkState.ExtensionValueSpace:
      if (OWS[octet] === 1) return state;
      return octet === Octet.Semicolon ? ChunkState.ExtensionStart : -1;
    case ChunkState.ExtensionStart:
      if (OWS[octet] === 1) return state;
      return TCHAR[octet] === 1 ? ChunkState.ExtensionName : -1;
    case ChunkState.ExtensionName:
      if (TCHAR[octet] === 1) return state;
      if (octet === Octet.Cr) return ChunkState.SizeLf;
      return afterName(octet);
    case ChunkState.ExtensionNameSpace:
      return afterName(octet);
    case ChunkState.ExtensionValueStart:
      if (OWS[octet] === 1) return state;
      if (octet === Octet.Quote) return ChunkState.ExtensionQuoted;
      return TCHAR[octet] === 1 ? ChunkState.ExtensionToken : -1;
    case ChunkState.ExtensionToken:
      return TCHAR[octet] === 1 ? state : afterValue(octet);
    case ChunkState.ExtensionQuoted:
      if (octet === Octet.Quote) return ChunkState.ExtensionQuotedEnd;
      if (octet === Octet.Backslash) return ChunkState.ExtensionQuotedPair;
      return FIELD_VALUE[octet] === 1 ? state : -1;
    case ChunkState.ExtensionQuotedPair:
      return FIELD_VALUE[octet] === 1 ? ChunkState.ExtensionQuoted : -1;
    case ChunkState.ExtensionQuotedEnd:
      return afterValue(octet);
    default:
      throw new Error(`no extension in ${ChunkState[state]}`);
  }
}

/** A line that ends after BWS is not in the grammar: BWS stands before ";" or "=". */
function afterName(octet: number): ChunkState | -1 {
  if (octet === Octet.Equals) return ChunkState.ExtensionValueStart;
  if (octet === Octet.Semicolon) return ChunkState.ExtensionStart;
  return OWS[octet] === 1 ? ChunkState.ExtensionNameSpace : -1;
}

function afterValue(octet: number): ChunkState | -1 {
  if (octet === Octet.Cr) return ChunkState.SizeLf;
  if (octet === Octet.Semicolon) return ChunkState.ExtensionStart;
  return OWS[octet] === 1 ? ChunkState.ExtensionValueSpace : -1;
}
