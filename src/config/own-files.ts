/**
 * The server's own files: what it reads its configuration from, and what it writes.
 *
 * In:    settings, the configuration files that were read, the path of the statistics where it is known.
 * Out:   their paths, each with the setting that names it.
 * Why:   a configuration holds password hashes, logs hold addresses and what people asked for. When such a file lies in a
 *        folder that is served, it must not be sent (site/withheld-files.ts). A setting that names a secret of another kind
 *        belongs into this list.
 */
import type { Settings } from "./settings.ts";

export interface OwnFile {
  /** Absolute. */
  readonly path: string;
  /** What it is, for people: a setting's name, or "configuration". */
  readonly what: string;
  /** A folder, with all that is in it. */
  readonly isFolder?: boolean;
}

type NamingFiles = Pick<Settings, "access_log" | "error_log" | "pid_file" | "stats_file" | "tls" | "virtual_host">;

/** What settings of TLS name: keys above all, and nothing else of it is for visitors either. */
const TLS_FILES = ["certificate", "key", "client_ca", "client_crl"] as const;

/** `configFiles`: absolute paths. `statsPath`: where the statistics are if no setting says so. */
export function ownFilesOf(
  { access_log, error_log, pid_file, stats_file, tls, virtual_host }: NamingFiles,
  configFiles: readonly string[],
  statsPath: string | null = null,
): OwnFile[] {
  const named: [what: string, path: string | false | null][] = [
    ...configFiles.map((path): [string, string] => ["configuration", path]),
    ["access_log", access_log],
    ["error_log", error_log],
    ["pid_file", pid_file],
    ["stats_file", stats_file ?? statsPath],
    ...[tls, ...virtual_host].flatMap((table) => TLS_FILES.map((name): [string, string | null] => [name, table[name]])),
    ...tls.certificates.flatMap(({ certificate, key }): [string, string | null][] => [
      ["certificate", certificate],
      ["key", key],
    ]),
    ["eab_hmac_key_file", tls.acme?.eab_hmac_key_file ?? null],
  ];
  return named.flatMap(([what, path]) => (path === false || path === null || path === "-" ? [] : [{ path, what }]));
}
