/** What an experiment needs of a server, whichever it is. */
import type { Certificate } from "../../../bench/load/certificate.ts";

export type ServerName = "saker" | "nginx" | "h2o";

export interface ServerUnderTorture extends AsyncDisposable {
  readonly name: ServerName;
  readonly port: number;
  /** Where it speaks TLS; 0: nowhere. */
  readonly securePort: number;
  /** Of the master. */
  readonly pid: number;
  workerPids(): number[];
  signal(name: NodeJS.Signals): void;
  /** SIGTERM means "finish first" to saker, and "at once" to nginx: this sends what means the former. */
  stopPolitely(): void;
  /** The master's exit code, or the signal that ended it. */
  readonly exited: Promise<number | string>;
  isAlive(): boolean;
}

/** What all servers of an experiment get alike. */
export interface Surroundings {
  readonly root: string;
  readonly workers: number;
  /** With one the server speaks TLS, too, with HTTP/2 and HTTP/1.1. */
  readonly certificate?: Certificate;
  /** How long a head may take, in seconds. */
  readonly headerTimeoutSeconds?: number;
  /** How long content or a reader may pause, in seconds. */
  readonly timeoutSeconds?: number;
}
