/**
 * Orders (RFC 8555 §7.1.3, §7.4): one certificate that is on its way.
 *
 * In:    names, a profile, the certificate that is to be replaced. Out: the order as it stands; its end.
 * Keeps: an order that was placed is found again by its address, so that nothing is ordered twice when a process dies.
 */
import { AcmeError } from "./acme-error.ts";
import { toBase64Url } from "./base64url.ts";
import { identifierOf } from "./identifier.ts";
import { poll } from "./polling.ts";
import { clean, readProblem } from "./problem.ts";
import { httpsUrl, parseResource, textIn, urlIn, urlsIn } from "./resource.ts";
import type { AcmeSession } from "./session.ts";
import type { AcmeResponse } from "./transport.ts";

export interface OrderWish {
  readonly names: readonly string[];
  /** "" leaves it to the authority. */
  readonly profile: string;
  /** Identifies the certificate that this one takes the place of (RFC 9773 §5); null for none. */
  readonly replaces: string | null;
}

export interface Order {
  readonly url: string;
  readonly status: string;
  readonly authorizations: readonly string[];
  readonly finalize: string;
  /** Where the certificate is, once the status is `valid`. */
  readonly certificate: string | null;
  /** Why it is invalid. */
  readonly fault: string | null;
}

export async function placeOrder(session: AcmeSession, wish: OrderWish): Promise<Order> {
  const { newOrder, profiles, renewalInfo } = await session.directory();
  const { names, profile } = wish;
  if (profile !== "" && !(profiles ?? []).includes(profile)) throw unknownProfile(profile, profiles);
  const base = { identifiers: names.map(identifierOf), ...(profile === "" ? {} : { profile }) };
  const replaces = renewalInfo === null ? null : wish.replaces;
  const response = await placeReplacing(session, newOrder, base, replaces);
  return readOrder(httpsUrl("the order's address", response.headers.get("Location") ?? ""), response);
}

/** An order mustn't fail for what it replaces: that may be replaced already, or unknown to the authority (RFC 9773 §5). */
async function placeReplacing(
  session: AcmeSession,
  url: string,
  base: object,
  replaces: string | null,
): Promise<AcmeResponse> {
  if (replaces === null) return await session.post(url, base);
  try {
    return await session.post(url, { ...base, replaces });
  } catch (error) {
    if (!(error instanceof AcmeError) || error.kind !== "refused" || error.type === "rateLimited") throw error;
    return await session.post(url, base);
  }
}

function unknownProfile(profile: string, profiles: readonly string[] | null): AcmeError {
  const known =
    profiles === null ? "the authority knows no profiles" : `the authority knows ${profiles.map(clean).join(", ")}`;
  return new AcmeError("refused", `profile "${profile}" can't be had: ${known}`);
}

export async function fetchOrder(session: AcmeSession, url: string): Promise<Order> {
  return readOrder(url, await session.post(url, null));
}

/** Asks for the certificate, when all authorizations are valid. `request`: DER (RFC 2986). */
export async function finalize(session: AcmeSession, order: Order, request: Uint8Array): Promise<void> {
  await session.post(order.finalize, { csr: toBase64Url(request) });
}

/** Waits until the order is none of these. */
export function awaitOrder(session: AcmeSession, url: string, passing: readonly string[]): Promise<Order> {
  return poll(session, "the order", url, (response) => {
    const order = readOrder(url, response);
    return passing.includes(order.status) ? null : order;
  });
}

function readOrder(url: string, response: AcmeResponse): Order {
  const what = "an order";
  const members = parseResource(what, response);
  return {
    url,
    status: textIn(what, members, "status"),
    authorizations: urlsIn(what, members, "authorizations"),
    finalize: urlIn(what, members, "finalize"),
    certificate: members.certificate === undefined ? null : urlIn(what, members, "certificate"),
    fault: members.error === undefined || members.error === null ? null : readProblem(members.error).line,
  };
}

/** An order that came to an end without a certificate. */
export function failedOrder({ status, fault }: Order): AcmeError {
  return new AcmeError("refused", `the order is ${clean(status)}${fault === null ? "" : `: ${fault}`}`);
}
