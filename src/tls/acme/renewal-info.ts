/**
 * When the authority wants a certificate to be renewed (RFC 9773): a window of time, which comes early when certificates are about
 * to be revoked.
 *
 * In:    the resource. Out: the window, and when to ask again.
 * Keeps: pure but for the question. A window says nothing about another certificate: `certificate` says which one it is about.
 */
import { clean } from "./problem.ts";
import { garbled, type Members, parseResource, textIn } from "./resource.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { AcmeSession } from "./session.ts";
import { HOUR_MS } from "../../units.ts";

export interface RenewalInfo {
  /** certificate-identity.ts. */
  readonly certificate: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Why, for people; "" for none. */
  readonly explanation: string;
  /** Not to be asked for before this. */
  readonly askAgainMs: number;
}

/** RFC 9773 §4.3.2: between one minute and one day; where the authority says nothing, six hours. */
const ASK_AGAIN_MS_MIN = 60_000;
const ASK_AGAIN_MS_DEFAULT = 6 * HOUR_MS;

/** Null where the authority has no such resource. */
export async function fetchRenewalInfo(session: AcmeSession, certificate: string): Promise<RenewalInfo | null> {
  const { renewalInfo } = await session.directory();
  if (renewalInfo === null) return null;
  const response = await session.get(`${renewalInfo.replace(/\/$/, "")}/${certificate}`);
  const nowMs = session.clock.now();
  const askAgainMs = retryAfterMs(response.headers.get("Retry-After"), nowMs) ?? nowMs + ASK_AGAIN_MS_DEFAULT;
  const info = readRenewalInfo(certificate, parseResource(WHAT, response));
  return { ...info, askAgainMs: Math.max(askAgainMs, nowMs + ASK_AGAIN_MS_MIN) };
}

const WHAT = "the renewal information";

function readRenewalInfo(certificate: string, members: Members): Omit<RenewalInfo, "askAgainMs"> {
  const window = (members.suggestedWindow ?? {}) as Members;
  const startMs = Date.parse(textIn(WHAT, window, "start"));
  const endMs = Date.parse(textIn(WHAT, window, "end"));
  if (!(endMs > startMs)) throw garbled(`${WHAT} has a window that ends before it begins`);
  const { explanationURL: explanation } = members;
  return { certificate, startMs, endMs, explanation: typeof explanation === "string" ? clean(explanation) : "" };
}
