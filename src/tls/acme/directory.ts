/**
 * The directory of an authority (RFC 8555 §7.1.1): where its resources are, and what it asks for.
 *
 * In:    the resource. Out: addresses, terms, profiles.
 * Keeps: pure.
 */
import { clean } from "./problem.ts";
import { type Members, urlIn } from "./resource.ts";

export interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  /** Null where certificates can't be revoked this way. */
  readonly revokeCert: string | null;
  /** RFC 9773 §4.1; null where the authority doesn't say when to renew. */
  readonly renewalInfo: string | null;
  /** Where the terms can be read; null where there are none. */
  readonly terms: string | null;
  readonly needsExternalAccount: boolean;
  /** Names of the profiles that certificates can be ordered by; null where it knows none. */
  readonly profiles: readonly string[] | null;
}

const WHAT = "the directory";

export function readDirectory(members: Members): Directory {
  const optional = (name: string): string | null => (members[name] === undefined ? null : urlIn(WHAT, members, name));
  const meta = (members.meta ?? {}) as Members;
  const { termsOfService: terms, profiles } = meta;
  return {
    newNonce: urlIn(WHAT, members, "newNonce"),
    newAccount: urlIn(WHAT, members, "newAccount"),
    newOrder: urlIn(WHAT, members, "newOrder"),
    revokeCert: optional("revokeCert"),
    renewalInfo: optional("renewalInfo"),
    terms: typeof terms === "string" && terms !== "" ? clean(terms) : null,
    needsExternalAccount: meta.externalAccountRequired === true,
    profiles: typeof profiles === "object" && profiles !== null ? Object.keys(profiles) : null,
  };
}
