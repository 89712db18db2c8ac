/**
 * When certificates that saker gets by itself are renewed, and why the last attempt failed, from the storage: for `saker
 * certificates`, with or without a server.
 *
 * Keeps: reads only.
 */
import type { Settings } from "../config/settings.ts";
import { acmeCertificates, timeText } from "../tls/acme/acme-status.ts";
import { AcmeStorage } from "../tls/acme/storage.ts";
import { certificateFile, storageFolder } from "../tls/acme/wanted-certificates.ts";
import type { Environment } from "../tls/self-signed/authority.ts";

export interface Renewal {
  readonly renewal: string;
  readonly trouble: string;
}

export const NO_RENEWAL: Renewal = { renewal: "", trouble: "" };

/** By the certificate's file. */
export function renewalsOf(settings: Settings, env: Environment, nowMs: number): ReadonlyMap<string, Renewal> {
  if (settings.tls.acme === null) return new Map();
  const folder = storageFolder(settings, env);
  const rows = acmeCertificates(settings, new AcmeStorage(folder), nowMs);
  return new Map(
    rows.map(({ id, nextOrderMs, because, lastError }) => [
      certificateFile(folder, id),
      {
        renewal: `${nextOrderMs <= nowMs ? "now" : timeText(nextOrderMs)}: ${because}`,
        trouble: lastError === null ? "" : `${timeText(lastError.atMs)}: ${lastError.line}`,
      },
    ]),
  );
}
