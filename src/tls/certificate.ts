/**
 * One certificate, as far as a server has to know it.
 *
 * In:    its PEM. Out: names, dates, who issued it, which kind of key it is for.
 * Units: milliseconds since 1970.
 * Fails: throws what node:crypto throws for what is no certificate.
 */
import { X509Certificate } from "node:crypto";
import { isHost } from "../config/host-port.ts";
import { canonicalName, namesInAltName } from "./server-name.ts";
import { DAY_MS } from "../units.ts";

/** Kinds of keys that TLS can sign with. */
export type KeyKind = "rsa" | "ec" | "ed25519";

/** What is known of a certificate without its octets; plain data. */
export interface CertificateFacts {
  /** Canonical; those of the subjectAltName, else the common name, which browsers don't read any more. */
  readonly names: readonly string[];
  readonly hasAltName: boolean;
  readonly issuer: string;
  readonly isSelfSigned: boolean;
  readonly keyKind: KeyKind | "other";
  /** `ECDSA P-256`, `RSA 2048` */
  readonly keyText: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export function factsOf(certificate: X509Certificate): CertificateFacts {
  const altNames = namesInAltName(certificate.subjectAltName ?? "");
  const key = certificate.publicKey;
  return {
    names: altNames.length > 0 ? [...new Set(altNames)] : commonNames(certificate.subject),
    hasAltName: altNames.length > 0,
    issuer: nameText(certificate.issuer),
    isSelfSigned: certificate.issuer === certificate.subject && certificate.verify(key),
    keyKind: KINDS[key.asymmetricKeyType ?? ""] ?? "other",
    keyText: describeKey(key.asymmetricKeyType ?? "unknown", key.asymmetricKeyDetails ?? {}),
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
  };
}

const KINDS: Readonly<Record<string, KeyKind>> = { rsa: "rsa", ec: "ec", ed25519: "ed25519" };

const CURVES: Readonly<Record<string, string>> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };

function describeKey(type: string, details: { namedCurve?: string; modulusLength?: number }): string {
  const { namedCurve = "", modulusLength } = details;
  if (type === "ec") return `ECDSA ${CURVES[namedCurve] ?? namedCurve}`;
  if (type === "rsa") return `RSA ${modulusLength}`;
  return type === "ed25519" ? "Ed25519" : type;
}

function commonNames(subject: string): string[] {
  return subject
    .split("\n")
    .filter((line) => line.startsWith("CN="))
    .map((line) => canonicalName(line.slice("CN=".length)))
    .filter((name) => isHost(name.replace(/^\*\./, "")));
}

/** A distinguished name on one line, its most telling part first. */
export function nameText(name: string): string {
  const lines = name.split("\n").filter((line) => line !== "");
  const parts = ["CN=", "O=", "OU="].flatMap((kind) => lines.find((line) => line.startsWith(kind)) ?? []);
  return (parts.length > 0 ? parts.slice(0, 2) : lines).map((line) => line.replace(/^[A-Za-z]+=/, "")).join(", ");
}

/** A renewal that is due has this long to be noticed, or a quarter of the lifetime, where that is shorter. */
const SOON_MS_MAX = 14 * DAY_MS;

export type Validity = "good" | "soon" | "expired" | "not yet";

/** Whether a certificate is valid now, and for long. */
export function validityOf(
  { notBeforeMs, notAfterMs }: Pick<CertificateFacts, "notBeforeMs" | "notAfterMs">,
  nowMs: number,
): Validity {
  if (nowMs < notBeforeMs) return "not yet";
  if (nowMs >= notAfterMs) return "expired";
  return notAfterMs - nowMs < Math.min(SOON_MS_MAX, (notAfterMs - notBeforeMs) / 4) ? "soon" : "good";
}

/** `2026-12-08` */
export const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);
