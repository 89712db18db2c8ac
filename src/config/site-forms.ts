/**
 * Forms of strings in the site's settings: names of hosts, statuses, realms, origins, methods, files.
 *
 * Out:   predicates, each with the words that errors use for it.
 * Keeps: pure; what files in a root write as well is in syntax/.
 */
import { isHost } from "./host-port.ts";
import { isOrigin } from "../syntax/path-syntax.ts";

/** `example.com`, `*.example.com`, an address, or `*`; never a port. */
export const HOST_NAME_FORM = 'a host name such as "example.com", "*.example.com" or "*", without a port';

export function isHostPattern(text: string): boolean {
  if (text === "*" || /^\[[0-9A-Fa-f:.]+\]$/.test(text)) return true;
  return isHost(text.startsWith("*.") ? text.slice(2) : text) && !text.includes(":");
}

export const STATUS_FORM = "a status from 400 to 599";
export const isErrorStatus = (name: string): boolean => /^[45]\d\d$/.test(name);

export const REALM_FORM = 'printable ASCII characters without " and \\';
export const isRealm = (text: string): boolean => /^[\x20-\x7e]*$/.test(text) && !/["\\]/.test(text);

/** `https://*.example.com` stands for every name below it. */
export const ORIGIN_FORM = '"*" or an origin such as "https://example.com" or "https://*.example.com"';
export const isOriginPattern = (text: string): boolean => text === "*" || isOrigin(text.replace("://*.", "://"));

export const METHOD_FORM = "a method such as GET";
export const isMethod = (text: string): boolean => /^[A-Z]+$/.test(text);

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
