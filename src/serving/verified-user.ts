/** The user whose password was verified (RFC 7617), as the access log names it. */
import { parseBasicCredentials } from "../http/basic-credentials.ts";
import { Field } from "../http/field.ts";
import type { RequestHead } from "../http/request-head.ts";

/** In UTF-8. */
export function userOctetsOf(head: RequestHead): Uint8Array | null {
  const credentials = parseBasicCredentials(head.value(Field.Authorization) ?? "");
  return credentials === null ? null : Buffer.from(credentials.user);
}
