/**
 * Which certificates saker gets by itself, and where they are kept.
 *
 * In:    settings; the environment, which says where state is kept.
 * Out:   certificates, each with its names and an identifier that is a folder's name; the folder of all.
 * Keeps: pure. The same names give the same identifier on every machine, so that machines that share the folder share certificates.
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { acmeNamesOf } from "../../config/acme-names.ts";
import type { OwnFile } from "../../config/own-files.ts";
import type { Settings } from "../../config/settings.ts";
import { authorityFile, type Environment } from "../self-signed/authority.ts";
import { canonicalName } from "../server-name.ts";

type TlsSettings = Pick<Settings, "tls" | "virtual_host">;

export interface WantedCertificate {
  readonly id: string;
  /** Canonical, in the order of the settings. */
  readonly names: readonly string[];
}

export function wantedCertificates(settings: TlsSettings): WantedCertificate[] {
  const names = acmeNamesOf(settings).map(canonicalName);
  if (names.length === 0) return [];
  if (settings.tls.acme!.one_certificate && names.length > 1) return [{ id: idOfAll(names), names }];
  return names.map((name) => ({ id: folderNameOf(name), names: [name] }));
}

/** `example.com`, `_.example.com` for a wildcard, `2001_db8__1`. */
const folderNameOf = (name: string): string => name.replace("*", "_").replaceAll(":", "_");

const DIGITS = 8;

/** Other names are another certificate: where two machines differ in them, neither takes the other's away. */
function idOfAll(names: readonly string[]): string {
  const digest = createHash("sha256")
    .update([...names].sort().join(" "))
    .digest("hex");
  return `${folderNameOf(names[0]!)}+${names.length - 1}-${digest.slice(0, DIGITS)}`;
}

/** Beside the authority of self-signed certificates, where the settings don't say so. */
export function storageFolder({ tls }: Pick<Settings, "tls">, env: Environment): string {
  return tls.acme?.storage ?? join(dirname(authorityFile(env)), "acme");
}

/** Chain and key in one file, which is replaced whole: no moment has one of them without the other. */
export function certificateFile(folder: string, id: string): string {
  return join(folder, "certificates", id, "certificate.pem");
}

/** What must never be sent: accounts and keys. */
export function acmeFiles(settings: Pick<Settings, "tls">, env: Environment): OwnFile[] {
  return settings.tls.acme === null ? [] : [{ path: storageFolder(settings, env), what: "storage", isFolder: true }];
}
