/**
 * The master's side of the helper that talks to authorities: started with a job, heard until it ends.
 *
 * In:    a job; who shows proofs.
 * Out:   a report for each task, as they come; for those that it died before, a failed one.
 * Keeps: a helper that hangs is ended: its own limits add up to less than HELPER_MS_MAX per task.
 */
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

const HELPER_MS_MAX = 45 * 60_000;
/** Of what it complained about before its end. */
const COMPLAINT_CHARACTERS_MAX = 300;

export class AcmeHelper {
  private child: Bun.Subprocess<"pipe", "pipe", "pipe"> | null = null;

  constructor(private readonly command: readonly string[] = helperCommand()) {}

  /** Never rejects. `retryMs`: when to try again what it died of. */
  async run(job: AcmeJob, board: ProofShow, retryMs: number, report: (report: AcmeReport) => void): Promise<void> {
    const left = new Set(job.tasks.map(({ id }) => id));
    const hear = (line: HelperLine): void => {
      if (line.type === "show") {
        board.show(line.proof);
        this.tell({ shown: line.proof.token });
      } else if (line.type === "hide") board.hide(line.token);
      else if (left.delete(line.report.id)) report(line.report);
    };
    const end = await this.runToItsEnd(job, hear);
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

  private async runToItsEnd(job: AcmeJob, hear: (line: HelperLine) => void): Promise<string> {
    try {
      const child = this.spawn(job.tasks.length);
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

  private spawn(tasks: number): Bun.Subprocess<"pipe", "pipe", "pipe"> {
    const [program = "", ...words] = this.command;
    return Bun.spawn([program, ...words], {
      argv0: process.execPath,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
      timeout: HELPER_MS_MAX * Math.max(tasks, 1),
      killSignal: "SIGKILL",
    });
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
