/**
 * Why a TLS handshake failed, in a few words that can be counted.
 *
 * In:    the error that the runtime gives: its message ends with BoringSSL's name for it.
 * Out:   the counter. What has no name here is `other`.
 */
import { Counter } from "../stats/layout.ts";

const COUNTER_BY_NAME: Readonly<Record<string, Counter>> = {
  UNSUPPORTED_PROTOCOL: Counter.TlsFailedVersion,
  WRONG_VERSION_NUMBER: Counter.TlsFailedVersion,
  INAPPROPRIATE_FALLBACK: Counter.TlsFailedVersion,
  NO_SHARED_CIPHER: Counter.TlsFailedAlgorithms,
  NO_SHARED_GROUP: Counter.TlsFailedAlgorithms,
  WRONG_CURVE: Counter.TlsFailedAlgorithms,
  NO_COMMON_SIGNATURE_ALGORITHMS: Counter.TlsFailedAlgorithms,
  NO_APPLICATION_PROTOCOL: Counter.TlsFailedAlpn,
  PEER_DID_NOT_RETURN_A_CERTIFICATE: Counter.TlsFailedClientCertificate,
  CERTIFICATE_VERIFY_FAILED: Counter.TlsFailedClientCertificate,
  ECONNRESET: Counter.TlsFailedLeft,
};

/** An alert of the client's (RFC 8446 §6): `SSLV3_ALERT_BAD_CERTIFICATE`, `TLSV1_ALERT_UNKNOWN_CA`. */
const ALERT = /^(SSLV3|TLSV1)_ALERT_/;

/** `code`: of the error, `message`: `error:100000f0:SSL routines:OPENSSL_internal:UNSUPPORTED_PROTOCOL`. */
export function handshakeFailureOf({
  code = "",
  message,
}: {
  readonly code?: string;
  readonly message: string;
}): Counter {
  const name = message.slice(message.lastIndexOf(":") + 1);
  if (ALERT.test(name)) return Counter.TlsFailedAlert;
  return COUNTER_BY_NAME[name] ?? COUNTER_BY_NAME[code] ?? Counter.TlsFailedOther;
}
