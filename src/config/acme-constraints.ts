/**
 * Constraints between the settings of `[tls.acme]`: contradictions that no value shows by itself.
 *
 * In:    the draft, with every value already valid by itself. No file is opened.
 * Fails: ConfigError at the first value that could never do what it says.
 */
import { isIP } from "node:net";
import { acmeNamesOf } from "./acme-names.ts";
import type { Draft } from "./draft.ts";
import type { Settings } from "./settings.ts";

export function checkAcmeConstraints(draft: Draft): void {
  const settings = draft.values as unknown as Settings;
  const { acme } = settings.tls;
  if (acme === null) return;
  checkNames(draft, acmeNamesOf(settings), acme.challenge === "dns-01");
  if (acme.challenge === "dns-01" && acme.dns_hook === null) {
    throw draft.errorAt("tls.acme.challenge", 'challenge = "dns-01" needs "dns_hook": a program that sets records');
  }
  if ((acme.eab_key_id === "") !== (acme.eab_hmac_key_file === null)) {
    const [given, missing] = acme.eab_key_id === "" ? EAB.toReversed() : EAB;
    throw draft.errorAt(`tls.acme.${given}`, `${given} needs "${missing}", too`);
  }
}

const EAB = ["eab_key_id", "eab_hmac_key_file"];

function checkNames(draft: Draft, names: readonly string[], isByDns: boolean): void {
  if (names.length === 0) {
    const problem = 'needs "names" (--domain): no virtual host has a name that a certificate could be for';
    throw draft.errorAt("tls.acme", `[tls.acme] ${problem}`);
  }
  const wildcard = names.find((name) => name.startsWith("*."));
  if (wildcard !== undefined && !isByDns) {
    const problem = `"${wildcard}" needs challenge = "dns-01": a wildcard can't be proven otherwise`;
    throw draft.errorAt("tls.acme.names", problem);
  }
  const address = names.find((name) => isIP(name) !== 0);
  if (address !== undefined && isByDns) {
    throw draft.errorAt("tls.acme.names", `"${address}" can't be proven by dns-01, which is for names`);
  }
}
