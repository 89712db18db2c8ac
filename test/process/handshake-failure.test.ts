/** Reasons that can be counted, from what the runtime says. */
import { expect, test } from "bun:test";
import { handshakeFailureOf } from "../../src/process/handshake-failure.ts";
import { Counter } from "../../src/stats/layout.ts";

const boring = (name: string): string => `error:100000f0:SSL routines:OPENSSL_internal:${name}`;

test.each<[name: string, code: string, Counter]>([
  [boring("UNSUPPORTED_PROTOCOL"), "EPROTO", Counter.TlsFailedVersion],
  [boring("NO_SHARED_CIPHER"), "EPROTO", Counter.TlsFailedAlgorithms],
  [boring("NO_SHARED_GROUP"), "EPROTO", Counter.TlsFailedAlgorithms],
  [boring("NO_APPLICATION_PROTOCOL"), "EPROTO", Counter.TlsFailedAlpn],
  [boring("PEER_DID_NOT_RETURN_A_CERTIFICATE"), "EPROTO", Counter.TlsFailedClientCertificate],
  [boring("SSLV3_ALERT_BAD_CERTIFICATE"), "EPROTO", Counter.TlsFailedAlert],
  [boring("TLSV1_ALERT_UNKNOWN_CA"), "EPROTO", Counter.TlsFailedAlert],
  [
    "Client network socket disconnected before secure TLS connection was established",
    "ECONNRESET",
    Counter.TlsFailedLeft,
  ],
  [boring("SOMETHING_NEW"), "EPROTO", Counter.TlsFailedOther],
  ["", "", Counter.TlsFailedOther],
])("%s", (message, code, counter) => {
  expect(Counter[handshakeFailureOf({ message, code })]).toBe(Counter[counter]!);
});
