/**
 * The table `[tls.acme]`: certificates that saker gets and renews by itself.
 *
 * Keeps: its presence turns it on. What it says is the helper's to use (src/tls/acme/); keys are in files and never part of the
 *        settings.
 */
import { isHost } from "./host-port.ts";
import { boolean, choice, list, optionalPath, string } from "./setting.ts";
import { table } from "./table.ts";

const group = "TLS and HTTP/2";

export const LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";

/** A host, a wildcard of one label, or an address. */
export function isCertificateName(text: string): boolean {
  return isHost(text.startsWith("*.") ? text.slice(2) : text);
}

const isEmail = (text: string): boolean => text === "" || /^[^\s@,;?&]+@[^\s@,;?&]+$/.test(text);

const isHttpsUrl = (text: string): boolean => /^https:\/\//i.test(text) && URL.canParse(text);

export const ACME_TABLE = table("Certificates that saker gets and renews by itself (ACME, RFC 8555)", {
  names: list({
    default: [],
    group,
    flags: ["--domain"],
    variables: ["SAKER_DOMAIN"],
    meaning:
      "Names that certificates are for, wildcards only with dns-01; none: the exact names of the virtual hosts. `--domain` may be given several times, and makes 80 and 443 the ports where none are set",
    form: 'a host name such as "example.com" or "*.example.com", or an address',
    hasForm: isCertificateName,
  }),
  email: string({
    default: "",
    group,
    flags: ["--email"],
    meaning: "Where the authority may write to",
    form: "an address such as me@example.com",
    hasForm: isEmail,
  }),
  agree_to_terms: boolean({
    default: false,
    group,
    flags: ["--agree-to-terms"],
    meaning:
      "You agree to the authority's terms, whose address is printed where they are needed; without it there are no certificates",
  }),
  directory: string({
    default: LETS_ENCRYPT,
    group,
    placeholder: "URL",
    meaning: "The authority: the address of its directory",
    form: "an address that begins with https://",
    hasForm: isHttpsUrl,
  }),
  challenge: choice(["http-01", "dns-01", "tls-alpn-01"], {
    default: "http-01",
    group,
    meaning:
      "How names are proven to be yours: by a request to port 80, by a record in DNS, or by a handshake on port 443, where there is no valid certificate yet",
  }),
  dns_hook: optionalPath({
    group,
    placeholder: "PROGRAM",
    meaning:
      "Sets records for dns-01: it is run as `PROGRAM add|remove RECORD VALUE DOMAIN`, and ends with 0 when a change can be seen",
  }),
  one_certificate: boolean({
    default: false,
    group,
    meaning:
      "One certificate for all names instead of one for each; a name that can't be proven then holds up all others",
  }),
  profile: string({
    default: "",
    group,
    meaning:
      'Kind of certificate, as the authority calls it: `"shortlived"`, `"tlsserver"`; empty leaves it to the authority',
    form: "a name",
    hasForm: (text) => /^[\x21-\x7e]{0,64}$/.test(text),
  }),
  preferred_chain: string({
    default: "",
    group,
    meaning: "Part of the name of the root that the chain should lead to, where the authority offers several",
  }),
  storage: optionalPath({
    group,
    placeholder: "DIR",
    meaning:
      "Folder for accounts, keys and certificates; several machines may share it. When not set, `acme` in the folder for state: `$STATE_DIRECTORY`, or `~/.local/share/saker`",
  }),
  directory_ca: optionalPath({
    group,
    meaning:
      "Authorities that the directory's own certificate may come from, in PEM, beside those that everybody trusts",
  }),
  eab_key_id: string({
    default: "",
    group,
    meaning: "The identifier of your account with an authority for customers only",
  }),
  eab_hmac_key_file: optionalPath({ group, meaning: "The key that belongs to it, in a file, base64url" }),
});
