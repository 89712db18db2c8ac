/**
 * The certificate as the authority hands it out: its chain, or another one that leads to the root that is preferred
 * (RFC 8555 §7.4.2), checked before anybody relies on it.
 *
 * Out:   the chain in PEM, the certificate first.
 * Fails: AcmeError of kind `garbled` when it is for other names, another key, or another time: what was there before is better.
 */
import { X509Certificate } from "node:crypto";
import { factsOf } from "../certificate.ts";
import { readCredential } from "../credential.ts";
import { certificateBlocks } from "../pem.ts";
import { covers } from "../server-name.ts";
import { AcmeError } from "./acme-error.ts";
import { garbled } from "./resource.ts";
import type { AcmeSession } from "./session.ts";
import type { AcmeResponse } from "./transport.ts";

export interface ChainWish {
  readonly names: readonly string[];
  /** Part of the name of the issuer that a chain should lead to; "" takes what comes. */
  readonly preferredChain: string;
}

/** More chains than any authority has. */
const ALTERNATES_MAX = 8;

export async function downloadChain(session: AcmeSession, url: string, wish: ChainWish, key: string): Promise<string> {
  const response = await session.post(url, null);
  const first = checkedChain(response, wish, key, session.clock.now());
  if (wish.preferredChain === "" || leadsTo(first, wish.preferredChain)) return first;
  for (const alternate of alternatesOf(response, url).slice(0, ALTERNATES_MAX)) {
    const chain = await tryChain(session, alternate, wish, key);
    if (chain !== null && leadsTo(chain, wish.preferredChain)) return chain;
  }
  return first;
}

/** Any of them will do, so one that can't be had is no failure. */
async function tryChain(session: AcmeSession, url: string, wish: ChainWish, key: string): Promise<string | null> {
  try {
    return checkedChain(await session.post(url, null), wish, key, session.clock.now());
  } catch (error) {
    if (error instanceof AcmeError) return null;
    throw error;
  }
}

function checkedChain({ content }: AcmeResponse, { names }: ChainWish, key: string, nowMs: number): string {
  const outcome = readCredential(content, key, nowMs);
  if (!outcome.isGood) throw garbled(`the certificate that came ${outcome.fault.problem}`);
  const { certificate, facts } = outcome.credential;
  const missing = names.filter((name) => !facts.names.includes(name) && !covers(facts.names, name));
  if (missing.length > 0) throw garbled(`the certificate that came is not for ${missing.join(", ")}`);
  if (facts.notAfterMs <= nowMs)
    throw garbled("the certificate that came has expired, or this machine's clock is wrong");
  return certificate;
}

function leadsTo(chain: string, issuer: string): boolean {
  return certificateBlocks(chain).some((block) => factsOf(new X509Certificate(block)).issuer.includes(issuer));
}

/** `Link: <URL>;rel="alternate"` (RFC 8288); several fields come as one, separated by commas. */
export function alternatesOf({ headers }: Pick<AcmeResponse, "headers">, base: string): string[] {
  const value = headers.get("Link") ?? "";
  const links = [...value.matchAll(/<([^>]*)>((?:\s*;\s*[^\s;,=]+(?:=(?:"[^"]*"|[^\s;,]*))?)*)/g)];
  return links
    .filter(([, , parameters]) => /;\s*rel=(?:"[^"]*\balternate\b[^"]*"|alternate\b)/i.test(parameters ?? ""))
    .flatMap(([, target = ""]) => (URL.canParse(target, base) ? new URL(target, base).href : []))
    .filter((url) => url.startsWith("https:"));
}
