/**
 * The methods that files are served by (RFC 9110 §9.3), and Allow, which says so (§10.2.1).
 *
 * Keeps: what answers requests of other methods (a redirect, 405, 501) asks here first.
 */
import { Method, METHOD_NAME } from "../http/method.ts";

const ANSWERED: readonly Method[] = [Method.Get, Method.Head, Method.Options];

/** Value of Allow. */
export const ALLOWED_METHODS: string = ANSWERED.map((method) => METHOD_NAME[method]).join(", ");

export function isAnswered(method: Method): boolean {
  return method === Method.Get || ANSWERED.includes(method);
}
