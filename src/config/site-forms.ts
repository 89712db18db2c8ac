/**
 * Forms of strings in the site's settings: names of hosts, fields and statuses, credentials, origins.
 *
 * Out:   predicates, each with the words that errors use for it.
 * Keeps: pure; what passes here can be sent in a field section as it is (RFC 9110 §5.5, §5.6.2).
 */
import { isHost } from "./host-port.ts";
import { isOrigin } from "./path-syntax.ts";

/** `example.com`, `*.example.com`, an address, or `*`; never a port. */
export const HOST_NAME_FORM = 'a host name such as "example.com", "*.example.com" or "*", without a port';

export function isHostPattern(text: string): boolean {
  if (text === "*" || /^\[[0-9A-Fa-f:.]+\]$/.test(text)) return true;
  return isHost(text.startsWith("*.") ? text.slice(2) : text) && !text.includes(":");
}

/** Fields of the message and the connection (RFC 9110 §6.1, §7.6.1), and those whose values saker computes. */
const OWN_FIELDS = new Set([
  "allow",
  "connection",
  "content-length",
  "content-range",
  "date",
  "etag",
  "keep-alive",
  "last-modified",
  "location",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "www-authenticate",
]);

/** Fields that may be left out of a response without making it wrong. */
const REMOVABLE_OWN_FIELDS = new Set(["etag", "last-modified"]);

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export const SETTABLE_FIELD_FORM = "a field name, except those saker sets itself, such as Content-Length";
export const isSettableField = (name: string): boolean => TOKEN.test(name) && !OWN_FIELDS.has(name.toLowerCase());

export const REMOVABLE_FIELD_FORM = "the name of a field that may be removed";
export function isRemovableField(name: string): boolean {
  const key = name.toLowerCase();
  if (key === "content-type") return false; // browsers would guess
  return isSettableField(name) || REMOVABLE_OWN_FIELDS.has(key);
}

/** The field that `request_id = "send"` sets. */
export const isRequestIdField = (name: string): boolean => name.toLowerCase() === "x-request-id";

export const FIELD_VALUE_FORM = "printable ASCII characters without line breaks";
export const isFieldValue = (text: string): boolean =>
  text === "" || /^[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?$/.test(text);

/** How long a Cache-Control value lets a response be used without revalidation (RFC 9111 §4.2.1); null if it doesn't say. */
export function freshSeconds(cacheControl: string): number | null {
  const directives = cacheControl.split(",").map((directive) => directive.trim().toLowerCase());
  if (directives.some((directive) => /^no-(?:cache|store)$/.test(directive))) return 0;
  const maxAge = directives.map((directive) => /^max-age="?(\d+)"?$/.exec(directive)).find((match) => match !== null);
  return maxAge === undefined ? null : Math.min(Number(maxAge[1]), FRESH_SECONDS_MAX);
}

/** The value that recipients use for a delta-seconds that is too large (RFC 9111 §1.2.2). */
const FRESH_SECONDS_MAX = 2 ** 31;

export const STATUS_FORM = "a status from 400 to 599";
export const isErrorStatus = (name: string): boolean => /^[45]\d\d$/.test(name);

/** RFC 7617 §2: a user name holds no colon. Hashes as `saker hash-password` and `htpasswd -B` make them. */
export const USER_FORM = 'a string such as "name:$argon2id$…", as printed by "saker hash-password NAME"';
export const isUser = (text: string): boolean => isPlausibleUser(text) && isHash(text.slice(text.indexOf(":") + 1));

/** A name, a colon and something after it. */
export const isPlausibleUser = (text: string): boolean => /^[^:\u0000-\u001f\u007f]+:./.test(text);

const ARGON2 = /^\$argon2(?:id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}$/;
const BCRYPT = /^\$2[abxy]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;
const isHash = (text: string): boolean => ARGON2.test(text) || BCRYPT.test(text);

export const REALM_FORM = 'printable ASCII characters without " and \\';
export const isRealm = (text: string): boolean => /^[\x20-\x7e]*$/.test(text) && !/["\\]/.test(text);

/** `https://*.example.com` stands for every name below it. */
export const ORIGIN_FORM = '"*" or an origin such as "https://example.com" or "https://*.example.com"';
export const isOriginPattern = (text: string): boolean => text === "*" || isOrigin(text.replace("://*.", "://"));

export const METHOD_FORM = "a method such as GET";
export const isMethod = (text: string): boolean => /^[A-Z]+$/.test(text);

export const FIELD_NAME_FORM = '"*" or a field name';
export const isFieldName = (text: string): boolean => TOKEN.test(text);

/** `{path}` is the path that was asked for; a slash at the end asks for a folder's index file. */
export const TRY_FILES_FORM =
  'a path such as "{path}", "{path}.html", "{path}/" or "/index.html", without dot segments';
export function isTryFile(text: string): boolean {
  const path = text.replace(/^\{path\}/, "/p");
  return path.startsWith("/") && isPlainPath(path);
}

export const FILE_PATH_FORM = 'a path below the root such as "/404.html"';
export const isFilePath = (text: string): boolean => isPlainPath(text) && !text.endsWith("/");

/** A decoded path that is looked up as it is: no placeholders, no dot segments. */
function isPlainPath(text: string): boolean {
  if (!text.startsWith("/") || /[\u0000-\u001f\u007f?#\\{}]/.test(text)) return false;
  const segments = text.slice(1).split("/");
  const inner = segments.at(-1) === "" ? segments.slice(0, -1) : segments;
  return inner.every((segment) => segment !== "" && segment !== "." && segment !== "..");
}
