/**
 * Proofs by handshake (tls-alpn-01, RFC 8737): which handshakes ask for one, before any begins.
 *
 * In:    the first octets of a connection.
 * Out:   the name that a proof is asked for; that more octets are needed to tell; or that it is any other handshake.
 * Why before: who asks for a proof offers the protocol `acme-tls/1`, which the runtime tells with the certificate chosen already. So
 *        browsers that come at the same moment get the certificate that they should.
 */
import { readClientHello } from "../tls/client-hello.ts";
import { canonicalName } from "../tls/server-name.ts";
import { alpnOf } from "./alpn.ts";

const PROOF_PROTOCOL = "acme-tls/1";

export const PROOF_PROTOCOLS = alpnOf(PROOF_PROTOCOL);

export enum Hello {
  Incomplete,
  Ordinary,
}

/** A name, where a proof for it is asked for. */
export function proofAskedFor(octets: Uint8Array): Hello | string {
  const hello = readClientHello(octets);
  if (hello === "incomplete") return Hello.Incomplete;
  if (hello === "other" || hello.serverName === null) return Hello.Ordinary;
  const { protocols, serverName } = hello;
  // RFC 8737 §3: it is the only one that is offered.
  return protocols.length === 1 && protocols[0] === PROOF_PROTOCOL ? nameOf(serverName) : Hello.Ordinary;
}

/** Addresses are asked for by their names in reverse DNS (RFC 8738 §6). */
function nameOf(serverName: string): string {
  const name = canonicalName(serverName);
  const v4 = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name);
  if (v4 !== null) return v4.slice(1).toReversed().join(".");
  const v6 = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name);
  if (v6 === null) return name;
  const digits = v6[1]!.replaceAll(".", "").split("").toReversed().join("");
  return canonicalName(digits.match(/.{4}/g)!.join(":"));
}
