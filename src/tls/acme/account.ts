/**
 * The account with an authority (RFC 8555 §7.3): found by its key, made where there is none.
 *
 * In:    a session, whether the terms are agreed to, whom to write to, the key that the authority has given out (§7.3.4).
 * Out:   the session signs as that account from now on.
 * Fails: AcmeError; with the address of the terms, where they have to be agreed to first.
 */
import { AcmeError } from "./acme-error.ts";
import { fromBase64Url } from "./base64url.ts";
import type { Directory } from "./directory.ts";
import { macJws } from "./jws.ts";
import { httpsUrl } from "./resource.ts";
import type { AcmeSession } from "./session.ts";
import { HOUR_MS } from "../../units.ts";

export interface AccountWish {
  /** "" for none. */
  readonly email: string;
  readonly agreesToTerms: boolean;
  readonly external: ExternalAccount | null;
}

/** An account that the authority's customer has there already. */
export interface ExternalAccount {
  readonly keyId: string;
  /** base64url, as authorities give it out. */
  readonly hmacKey: string;
}

export async function enterAccount(session: AcmeSession, wish: AccountWish): Promise<string> {
  const directory = await session.directory();
  if (directory.terms !== null && !wish.agreesToTerms) {
    throw new AcmeError("local", askForAgreement(directory.terms), { retryAtMs: session.clock.now() + AGREEMENT_MS });
  }
  const response = await session.post(directory.newAccount, {
    ...(directory.terms === null ? {} : { termsOfServiceAgreed: true }),
    ...(wish.email === "" ? {} : { contact: [`mailto:${wish.email}`] }),
    ...(await bindingOf(session, directory, wish.external)),
  });
  session.account = httpsUrl("the account's address", response.headers.get("Location") ?? "");
  return session.account;
}

/** Nothing changes by itself. */
const AGREEMENT_MS = 6 * HOUR_MS;

function askForAgreement(terms: string): string {
  return `the certificate authority's terms must be agreed to: ${terms} (agree_to_terms = true, or --agree-to-terms)`;
}

async function bindingOf(
  session: AcmeSession,
  { newAccount: url, needsExternalAccount }: Directory,
  external: ExternalAccount | null,
) {
  if (external === null) {
    if (!needsExternalAccount) return {};
    throw new AcmeError(
      "local",
      "this directory serves its customers only: eab_key_id and eab_hmac_key_file are needed",
    );
  }
  const secret = fromBase64Url(external.hmacKey.trim());
  if (secret === null) throw new AcmeError("local", "eab_hmac_key_file holds no base64url");
  const { jwk } = session.key;
  return { externalAccountBinding: await macJws(secret, { kid: external.keyId, url }, jwk) };
}
