/**
 * What keeps saker from getting certificates by itself, as far as it can be seen from here: files that aren't there, a program that can't
 * be run, a storage that can't be written.
 *
 * In:    settings. Out: a line each, the setting first.
 * Keeps: changes nothing, and asks nobody.
 */
import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import type { Settings } from "../config/settings.ts";
import { isFolder, pathStatus } from "../sys/path-status.ts";
import { storageFolder } from "../tls/acme/wanted-certificates.ts";
import type { Environment } from "../tls/self-signed/authority.ts";
import { accessProblem } from "./write-problem.ts";

export function acmeProblems(settings: Settings, env: Environment): string[] {
  const { acme } = settings.tls;
  if (acme === null) return [];
  const storage = storageFolder(settings, env);
  const found: [setting: string, path: string | null, problem: string][] = [
    ["directory_ca", acme.directory_ca, accessProblemOf(acme.directory_ca, constants.R_OK, "read")],
    ["eab_hmac_key_file", acme.eab_hmac_key_file, accessProblemOf(acme.eab_hmac_key_file, constants.R_OK, "read")],
    ["dns_hook", acme.dns_hook, accessProblemOf(acme.dns_hook, constants.X_OK, "run")],
    ["storage", storage, storageProblem(storage)],
  ];
  return found.flatMap(([setting, path, problem]) => (problem === "" ? [] : [`${setting} ${path} ${problem}`]));
}

function accessProblemOf(path: string | null, access: number, verb: string): string {
  if (path === null) return "";
  if (pathStatus(path)?.isFile() !== true) return "is no file";
  try {
    accessSync(path, access);
    return "";
  } catch {
    return `can't be ${verb} by this user`;
  }
}

/** It is made where it is missing, and the folders above it. */
function storageProblem(path: string): string {
  const status = pathStatus(path);
  if (status !== null) return status.isDirectory() ? accessProblem(path) : "is no folder";
  const above = dirname(path);
  return above === path || isFolder(above) ? accessProblem(above) : storageProblem(above);
}
