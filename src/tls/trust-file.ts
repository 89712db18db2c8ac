/**
 * A file about client certificates: the authorities that they must come from, or those of theirs that are revoked.
 *
 * In:    its text. Out: its blocks, each known to be what it should be, and what is probably not meant. Or what is wrong.
 * Keeps: pure.
 */
import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { dayOf, factsOf, validityOf } from "./certificate.ts";
import type { TrustSource } from "./credential-sources.ts";
import { certificateBlocks, derOf, revocationBlocks } from "./pem.ts";
import { type Warning, warning } from "./warning.ts";
import { nextUpdateOf } from "./x509/parts.ts";

export type TrustOutcome =
  | { readonly isGood: true; readonly blocks: readonly string[]; readonly warnings: readonly Warning[] }
  /** `problem`: the end of a sentence that begins with the file. */
  | { readonly isGood: false; readonly problem: string };

export function readTrust(what: TrustSource["what"], text: string, nowMs: number): TrustOutcome {
  return what === "client_ca" ? readAuthorities(text, nowMs) : readRevocations(text, nowMs);
}

function readAuthorities(text: string, nowMs: number): TrustOutcome {
  const blocks = certificateBlocks(text);
  if (blocks.length === 0) return { isGood: false, problem: "holds no certificate in PEM" };
  try {
    createSecureContext({ ca: blocks });
    const authorities = blocks.map((block) => new X509Certificate(block));
    const isOver = authorities.some((authority) => validityOf(factsOf(authority), nowMs) === "expired");
    const isNone = authorities.some(({ ca }) => !ca);
    const warnings = [
      ...(isOver
        ? [warning("holds an authority that has expired: certificates by it are refused", "Replace it.")]
        : []),
      ...(isNone ? [warning("holds a certificate that is none of an authority", "Leave it out.")] : []),
    ];
    return { isGood: true, blocks, warnings };
  } catch {
    return { isGood: false, problem: "holds a certificate that can't be read" };
  }
}

/** A list that should have been replaced makes every certificate of its authority invalid. */
function readRevocations(text: string, nowMs: number): TrustOutcome {
  const blocks = revocationBlocks(text);
  if (blocks.length === 0) return { isGood: false, problem: "holds no list of revoked certificates (X509 CRL) in PEM" };
  try {
    createSecureContext({ crl: blocks });
    const ends = blocks.map((block) => nextUpdateOf(derOf(block))).filter((end) => end !== null);
    const over = ends.find((end) => end < nowMs);
    const text = (day: string): string =>
      `should have been replaced by ${day}: all clients of its authority are refused`;
    const advice = "Publish a new list where the old one lies.";
    const warnings = over === undefined ? [] : [warning(text(dayOf(over)), advice)];
    return { isGood: true, blocks, warnings };
  } catch {
    return { isGood: false, problem: "holds a list of revoked certificates that can't be read" };
  }
}
