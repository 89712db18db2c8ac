/**
 * What the helper for certificates may still do: connect, look up names, and keep its storage.
 *
 * In:    its job. Out: a `Confinement`, or null where there is no way to confine it, or a program of the administrator's is run, which
 *        may need anything.
 * Keeps: it reads no site, no other key, and none of the server's own files.
 */
import { mkdirSync } from "node:fs";
import { libc } from "../sys/libc.ts";
import { hasOwnProgram } from "../sys/own-program.ts";
import type { Confinement } from "../sys/confinement.ts";
import type { AcmeJob } from "../tls/acme/helper-messages.ts";
import { sourceFolders } from "./confine-workers.ts";

export function helperConfinement({ settings, storage }: AcmeJob): Confinement | null {
  if (libc === null || !hasOwnProgram() || settings.challenge === "dns-01") return null;
  // A rule is for what is there.
  if (!provide(storage)) return null;
  const files = [settings.directory_ca, settings.eab_hmac_key_file].filter((file) => file !== null);
  return {
    confines: true,
    read: [...files, ...sourceFolders()],
    write: [],
    update: [],
    keep: [storage],
    connects: true,
    cpu: null,
  };
}

/** False: the helper will say why it can't. */
function provide(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return true;
  } catch {
    return false;
  }
}
