/**
 * The experiment's side of its helpers: starts generator and attack processes, ends them, takes their reports.
 *
 * Keeps: a helper ends with its scope (`await using`), and by itself when this process is gone (the channel closes).
 */
import { join } from "node:path";
import { within } from "../../support/deadline.ts";
import type { AttackOptions, AttackReport, SecureAttackOptions, SecureAttackReport } from "./attack-report.ts";
import type { LoadOptions, LoadReport } from "./load-report.ts";

const START_MS_MAX = 20_000;
const STOP_MS_MAX = 30_000;

export class Helper<Report> implements AsyncDisposable {
  private next = Promise.withResolvers<unknown>();
  private readonly child: Bun.Subprocess;

  constructor(
    private readonly file: string,
    options: object,
  ) {
    this.child = Bun.spawn([process.execPath, join(import.meta.dir, file), JSON.stringify(options)], {
      stdio: ["ignore", "inherit", "inherit"],
      ipc: (message) => {
        this.next.resolve(message);
        this.next = Promise.withResolvers();
      },
    });
  }

  async started(): Promise<this> {
    await within(this.next.promise, `${this.file} to start`, START_MS_MAX);
    return this;
  }

  /** How things stand; the helper goes on. */
  look(): Promise<Report> {
    return this.ask("look");
  }

  /** How things stand; it begins nothing new. */
  cease(): Promise<Report> {
    return this.ask("cease");
  }

  /** Ends it, and what it has counted. */
  async stop(): Promise<Report> {
    const report = await this.ask("stop");
    await this.child.exited;
    return report;
  }

  private async ask(word: string): Promise<Report> {
    const answer = this.next.promise;
    this.child.send(word);
    return (await within(answer, `the report of ${this.file}`, STOP_MS_MAX)) as Report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.exited;
  }
}

/** A load under way. `ratePerSecond` 0 means as fast as the clients get answers. */
export function startLoad(
  options: Omit<LoadOptions, "ratePerSecond" | "protocol"> & Partial<Pick<LoadOptions, "ratePerSecond" | "protocol">>,
): Promise<Helper<LoadReport>> {
  return new Helper<LoadReport>("load-process.ts", { ratePerSecond: 0, protocol: "http", ...options }).started();
}

/** An attack, with all of its connections made. */
export function startAttack(options: AttackOptions): Promise<Helper<AttackReport>> {
  return new Helper<AttackReport>("attack-process.ts", options).started();
}

/** An attack on TLS or HTTP/2; its connections are made, or being made again and again. */
export function startSecureAttack(options: SecureAttackOptions): Promise<Helper<SecureAttackReport>> {
  return new Helper<SecureAttackReport>("secure-attack-process.ts", options).started();
}
