/**
 * The master's side of the helper that talks to authorities: started with a job, heard until it ends.
 *
 * In:    a job; who shows proofs.
 * Out:   a report for each task, as they come; for those that it died before, a failed one.
 * Keeps: a helper that hangs is ended: its own limits add up to less than HELPER_MS_MAX per task.
 */
import { helperConfinement } from "./confine-helper.ts";
import { throughFirstStage } from "./confine-workers.ts";
import type { Confinement } from "../sys/confinement.ts";
import { isCompiled, ownProgram } from "../sys/own-program.ts";
import { messageOf } from "../sys/errno.ts";
import type { AcmeJob, AcmeReport, HelperLine, ShownLine, ShownProof } from "../tls/acme/helper-messages.ts";
import { jsonLines } from "../tls/acme/lines.ts";

/** Whoever makes workers show proofs. */
export interface ProofShow {
  /** From the moment it returns, every worker shows it. */
  show(proof: ShownProof): void;
  hide(token: string): void;
}

export interface HelperRun {
  readonly job: AcmeJob;
  readonly board: ProofShow;
  /** Whether it gives up the rights that it doesn't need. */
  readonly isConfined: boolean;
  /** When to try again what it died of, ms since 1970. */
  readonly retryMs: number;
  readonly report: (report: AcmeReport) => void;
}

const STANDARD_STREAMS = [0, 1, 2];
const HELPER_MS_MAX = 45 * 60_000;
/** Of what it complained about before its end. */
const COMPLAINT_CHARACTERS_MAX = 300;

export class AcmeHelper {
  private child: Bun.Subprocess<"pipe", "pipe", "pipe"> | null = null;

  constructor(private readonly command: readonly string[] = helperCommand()) {}

  /** Never rejects. */
  async run({ job, board, isConfined, retryMs, report }: HelperRun): Promise<void> {
    const left = new Set(job.tasks.map(({ id }) => id));
    const hear = (line: HelperLine): void => {
      if (line.type === "show") {
        board.show(line.proof);
        this.tell({ shown: line.proof.token });
      } else if (line.type === "hide") board.hide(line.token);
      else if (left.delete(line.report.id)) report(line.report);
    };
    const end = await this.runToItsEnd(job, isConfined, hear);
    for (const id of left)
      report({ id, outcome: "failed", line: `the helper ${end}`, nextAttemptMs: retryMs, isLocal: true });
  }

  /** Ends what is running: at once, or when it has released its lock. */
  stop(): void {
    this.child?.kill("SIGTERM");
  }

  kill(): void {
    this.child?.kill("SIGKILL");
  }

  private async runToItsEnd(job: AcmeJob, isConfined: boolean, hear: (line: HelperLine) => void): Promise<string> {
    try {
      const child = this.spawn(job, isConfined ? helperConfinement(job) : null);
      this.child = child;
      this.tell(job);
      const complaints = child.stderr.text();
      for await (const line of jsonLines(child.stdout)) hear(line as HelperLine);
      await child.exited;
      const complaint = (await complaints).replace(/\s+/g, " ").trim().slice(0, COMPLAINT_CHARACTERS_MAX);
      const how = child.signalCode ?? `code ${child.exitCode}`;
      return `ended with ${how}${complaint === "" ? "" : `: ${complaint}`}`;
    } catch (error) {
      return `can't be run: ${messageOf(error)}`;
    } finally {
      this.child = null;
    }
  }

  /** Confined, it goes through a first stage as workers do. */
  private spawn(job: AcmeJob, confinement: Confinement | null): Bun.Subprocess<"pipe", "pipe", "pipe"> {
    const { command } = this;
    return Bun.spawn(
      [...(confinement === null ? command : throughFirstStage(command, confinement, STANDARD_STREAMS))],
      {
        argv0: process.execPath,
        // The runtime wants to read the folder that it is in.
        ...(confinement === null ? {} : { cwd: job.storage }),
        stdin: "pipe",
        stdout: "pipe",
        stderr: "pipe",
        timeout: HELPER_MS_MAX * Math.max(job.tasks.length, 1),
        killSignal: "SIGKILL",
      },
    );
  }

  /** A helper that has ended meanwhile needs nothing any more. */
  private tell(message: AcmeJob | ShownLine): void {
    try {
      this.child?.stdin.write(`${JSON.stringify(message)}\n`);
      void this.child?.stdin.flush();
    } catch {
      // Its end is noticed where it is heard.
    }
  }
}

function helperCommand(): string[] {
  return [ownProgram(), ...(isCompiled ? [] : [Bun.main]), "--saker-acme"];
}
