/**
 * saker's own authority: one root for all servers of a user, which is trusted once by those who visit them.
 *
 * In:    the environment, which says where state is kept.
 * Out:   the root with its key; whether it is kept, or will be another one at the next start.
 * Keeps: one file with both, written whole and never replaced by another process that starts at the same moment; for its
 *        owner alone. A root that ends soon gives way to a new one.
 * Fails: never for want of a place: then the root lives as long as this process, and `problem` says why.
 */
import { X509Certificate } from "node:crypto";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import type { OwnFile } from "../../config/own-files.ts";
import type { Settings } from "../../config/settings.ts";
import { messageOf } from "../../sys/errno.ts";
import { factsOf } from "../certificate.ts";
import { readKept, writeKept, writeKeptOnce } from "../kept-files.ts";
import { certificateBlocks, privateKeyBlock } from "../pem.ts";
import { issueAuthority, type IssuedPair } from "../x509/issue.ts";
import { DAY_MS } from "../../units.ts";

const ROOT_MS = 3650 * DAY_MS;
/** What it issues must end before it does. */
const ROOT_LEFT_MS_MIN = 365 * DAY_MS;
/** Clocks of visitors may be slow. */
export const BACKDATED_MS = DAY_MS;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Authority extends IssuedPair {
  /** Where it is kept; null for one that isn't. */
  readonly file: string | null;
  /** Why it isn't kept; "" if it is. */
  readonly problem: string;
  /** It was made just now. */
  readonly isNew: boolean;
}

/** The file of the root and its key. A service has a folder of its own (systemd.exec(5)); others follow the XDG base directories. */
export function authorityFile(env: Environment): string {
  const ofService = env.STATE_DIRECTORY?.split(":")[0];
  if (ofService) return join(ofService, "authority.pem");
  const data = env.XDG_DATA_HOME?.startsWith("/") ? env.XDG_DATA_HOME : join(env.HOME || homedir(), ".local/share");
  return join(data, "saker", "authority.pem");
}

/** Files of the authority that must never be sent. */
export function authorityFiles({ tls }: Pick<Settings, "tls">, env: Environment): OwnFile[] {
  return tls.self_signed ? [{ path: authorityFile(env), what: "authority" }] : [];
}

/** The root that is kept, or a new one. */
export function provideAuthority(env: Environment, nowMs: number): Authority {
  const file = authorityFile(env);
  try {
    return keepAuthority(file, nowMs);
  } catch (error) {
    return { ...makeAuthority(nowMs), file: null, problem: messageOf(error), isNew: true };
  }
}

/** The root that is kept; null where there is none, or none that can be read. */
export function readAuthority(file: string): IssuedPair | null {
  try {
    return authorityIn(readKept(file) ?? "");
  } catch {
    return null;
  }
}

function authorityIn(text: string): IssuedPair | null {
  const [certificate] = certificateBlocks(text);
  const key = privateKeyBlock(text);
  return certificate === undefined || key === null ? null : { certificate, key: key.text };
}

function keepAuthority(file: string, nowMs: number): Authority {
  const present = readAuthority(file);
  if (present !== null && lastsFor(present, nowMs)) return { ...present, file, problem: "", isNew: false };
  const made = makeAuthority(nowMs);
  const text = made.certificate + made.key;
  if (present !== null) writeKept(file, text);
  const kept = present === null ? writeKeptOnce(file, text) : text;
  if (kept === text) return { ...made, file, problem: "", isNew: true };
  const others = authorityIn(kept); // of a server that starts at this moment
  if (others === null || !lastsFor(others, nowMs)) throw new Error(`${file} holds something else`);
  return { ...others, file, problem: "", isNew: false };
}

function makeAuthority(nowMs: number): IssuedPair {
  const period = { notBeforeMs: nowMs - BACKDATED_MS, notAfterMs: nowMs + ROOT_MS };
  // Whoever sees it in a list of trusted authorities should know what it is, and from where.
  return issueAuthority("saker development authority", `saker at ${hostname()}`, period);
}

function lastsFor({ certificate }: IssuedPair, nowMs: number): boolean {
  return factsOf(new X509Certificate(certificate)).notAfterMs - nowMs >= ROOT_LEFT_MS_MIN;
}
