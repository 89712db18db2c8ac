/**
 * Where a request that came in plain text is to go: the same by HTTPS.
 *
 * In:    a request head; the ports of this server. Out: a URL, or null where the request names no host.
 * Keeps: the host is the one that was asked for, whatever its name. Which port it has for the client, only the client knows: where it
 *        came to the port that is listened on, it will find the other one, too; where it came to 80 and that isn't listened on,
 *        somebody in between maps ports, and so 443 it is.
 */
import { textOf } from "../http/octets.ts";
import type { RequestHead } from "../http/request-head.ts";
import { referenceOf } from "../site/request-text.ts";

const HTTP_PORT = 80;
const HTTPS_PORT = 443;

/** The ports that are listened on. */
export interface OwnPorts {
  readonly http: number;
  readonly https: number;
}

/** `arrivedAt`: the port of ours to which the request came. */
export function httpsUrlOf(head: RequestHead, ports: OwnPorts, arrivedAt: keyof OwnPorts): string | null {
  const { authorityEnd, authorityStart, bytes, hostEnd } = head;
  if (authorityStart < 0 || hostEnd === authorityStart) return null;
  const host = textOf(bytes, authorityStart, hostEnd);
  const named = textOf(bytes, Math.min(hostEnd + 1, authorityEnd), authorityEnd);
  const asked = named === "" ? HTTP_PORT : Number(named);
  const isMapped = asked === HTTP_PORT && ports[arrivedAt] !== HTTP_PORT;
  const port = isMapped ? HTTPS_PORT : ports.https;
  return `https://${host}${port === HTTPS_PORT ? "" : `:${port}`}${referenceOf(head)}`;
}
