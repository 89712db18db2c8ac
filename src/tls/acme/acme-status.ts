/**
 * How it stands with the certificates that saker gets by itself, in plain data: for /health, /metrics, the control socket and `saker
 * certificates`.
 *
 * In:    settings, the storage. Out: a row for each certificate.
 * Units: milliseconds since 1970.
 * Keeps: reads only; nothing of a key.
 */
import { basename } from "node:path";
import type { Settings } from "../../config/settings.ts";
import { messageOf } from "../../sys/errno.ts";
import { type LastError, NEW_STATE } from "./certificate-state.ts";
import { orderTime } from "./next-step.ts";
import type { AcmeStorage, KeptCertificate } from "./storage.ts";
import { wantedCertificates } from "./wanted-certificates.ts";

export interface AcmeCertificate {
  readonly id: string;
  readonly names: readonly string[];
  /** Null where there is none. */
  readonly issuer: string | null;
  readonly notBeforeMs: number | null;
  readonly notAfterMs: number | null;
  /** When it is to be ordered, or to be tried again after a failure. */
  readonly nextOrderMs: number;
  readonly because: string;
  /** Why the last attempt failed; null since one has succeeded. */
  readonly lastError: LastError | null;
}

type TlsSettings = Pick<Settings, "tls" | "virtual_host">;

export function acmeCertificates(settings: TlsSettings, storage: AcmeStorage, nowMs: number): AcmeCertificate[] {
  const { directory } = settings.tls.acme!;
  return wantedCertificates(settings).map(({ id, names }) => {
    const { certificate, state, fault } = read(storage, id);
    const { atMs, because } = orderTime({ names, directory, certificate, state }, nowMs);
    return {
      id,
      names,
      issuer: certificate?.issuer ?? null,
      notBeforeMs: certificate?.notBeforeMs ?? null,
      notAfterMs: certificate?.notAfterMs ?? null,
      nextOrderMs: Math.max(atMs, state.nextAttemptMs),
      because,
      lastError: fault === null ? state.lastError : { atMs: nowMs, kind: "local", line: fault },
    };
  });
}

function read(
  storage: AcmeStorage,
  id: string,
): { certificate: KeptCertificate | null; state: typeof NEW_STATE; fault: string | null } {
  try {
    return { certificate: storage.certificate(id), state: storage.state(id), fault: null };
  } catch (error) {
    return { certificate: null, state: NEW_STATE, fault: messageOf(error) };
  }
}

/** What the master tells workers, who can't read the storage. */
export interface AcmeStatus {
  /** Since the master started. */
  readonly ordersIssued: number;
  readonly ordersFailed: number;
  readonly certificates: readonly AcmeStanding[];
}

/** As much of a certificate as monitors see. */
export interface AcmeStanding {
  readonly name: string;
  readonly nextOrderMs: number;
  /** Why there is none, or no new one, and when it is tried again; null where nothing is wrong. */
  readonly trouble: string | null;
}

export function standingOf({ names, notAfterMs, nextOrderMs, lastError }: AcmeCertificate): AcmeStanding {
  const [name = ""] = names;
  if (lastError === null) return { name, nextOrderMs, trouble: null };
  const what = `no ${notAfterMs === null ? "" : "new "}certificate for ${name}`;
  return {
    name,
    nextOrderMs,
    trouble: `${what}: ${withoutPaths(lastError.line)}; next attempt at ${timeText(nextOrderMs)}`,
  };
}

/** A path of the storage is nobody's business who asks for /health. */
const withoutPaths = (line: string): string => line.replace(/(?<=^|[\s'"(])\/[^\s'"]+/g, (path) => basename(path));

/** `2026-12-01T08:00:00Z` */
export const timeText = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
