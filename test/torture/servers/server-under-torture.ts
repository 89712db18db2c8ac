/** What an experiment needs of a server, whichever it is. */
export interface ServerUnderTorture extends AsyncDisposable {
  readonly name: "saker" | "nginx";
  readonly port: number;
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
  /** How long a head may take, in seconds. */
  readonly headerTimeoutSeconds?: number;
  /** How long content or a reader may pause, in seconds. */
  readonly timeoutSeconds?: number;
}
