/**
 * What the bench must know about a server to run it.
 *
 * In:    where it shall listen, what it shall serve, a folder for its files.
 * Out:   the command to run, in the foreground, on 127.0.0.1:port.
 * Keeps: each contender is set up as its documentation says it is quickest: one worker, no access log, files' descriptors and
 *        metadata cached where it can, kept-alive connections without limit, no compression. All are pinned to one core.
 */
import type { Certificate } from "./certificate.ts";

/**
 * What a server must speak on its port: HTTP/1.1; HTTP/2 without TLS, by prior knowledge (RFC 9113 §3.3); or TLS 1.2 and 1.3 with HTTP/2
 * and HTTP/1.1 by ALPN.
 */
export type Listener = "http" | "h2c" | "https";

export interface Site {
  root: string;
  port: number;
  listener: Listener;
  /** Where `listener` is "https". */
  certificate: Certificate | null;
  /** An empty folder of its own for configuration, pid files and the like. */
  folder: string;
  /** Descriptors it may open; its connection limit should be near. */
  descriptors: number;
}

export interface Launch {
  command: string[];
  env?: Record<string, string>;
}

export interface Contender {
  name: string;
  /** Contenders of one group are settings of one server: the better one counts. */
  group: string;
  title: string;
  /** Names of the workloads it takes part in; all of them when left out. */
  onlyFor?: readonly string[];
  /** Its version, or null where it isn't installed. */
  version(): string | null;
  launch(site: Site): Launch;
}

/** The first line a command prints on stdout or stderr; null if it isn't there. */
export function firstLineOf(command: readonly string[]): string | null {
  if (Bun.which(command[0]!) === null) return null;
  const { stdout, stderr } = Bun.spawnSync([...command]);
  return `${stdout.toString()}${stderr.toString()}`.split("\n")[0]?.trim() ?? null;
}
