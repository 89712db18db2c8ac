/**
 * The object identifiers that certificates and requests for them are made with, each where it is defined.
 */
export const oid = {
  /** RFC 5280 appendix A.1. */
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  /** RFC 5280 §4.2.1. */
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  /** RFC 8737 §3. */
  acmeIdentifier: "1.3.6.1.5.5.7.1.31",
  /** RFC 2985 §5.4.2. */
  extensionRequest: "1.2.840.113549.1.9.14",
  /** RFC 5758 §3.2. */
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
} as const;
