/**
 * Fields that rules set and remove, as the configuration and `_headers` write them.
 *
 * Out:   predicates, each with the words that errors use for it.
 * Keeps: pure; what passes here can be sent in a field section as it is (RFC 9110 §5.5, §5.6.2).
 */

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

export const FIELD_NAME_FORM = '"*" or a field name';
export const isFieldName = (text: string): boolean => TOKEN.test(text);
