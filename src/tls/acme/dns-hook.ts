/**
 * dns-01 by a program of the administrator's, which sets records (RFC 8555 §8.4).
 *
 *     PROGRAM add    _acme-challenge.example.com VALUE example.com
 *     PROGRAM remove _acme-challenge.example.com VALUE example.com
 *
 * Keeps: it ends with 0 when the change can be seen. The same record may get several values: that of a name and that of its wildcard
 *        are there at the same time. What it prints is said if it fails.
 * Fails: AcmeError of kind `local`.
 */
import { messageOf } from "../../sys/errno.ts";
import { AcmeError } from "./acme-error.ts";
import { clean } from "./problem.ts";
import { type Proof, type Prover, recordNameOf, recordValueOf } from "./proof.ts";

/** Providers of DNS need minutes. */
const HOOK_MS_MAX = 10 * 60_000;

export class DnsHook implements Prover {
  readonly type = "dns-01";

  constructor(
    private readonly program: string,
    private readonly timeoutMs = HOOK_MS_MAX,
  ) {}

  async present(proof: Proof): Promise<void> {
    const fault = await this.run("add", proof);
    if (fault !== null) throw new AcmeError("local", `dns_hook ${this.program} ${fault}`);
  }

  /** A record that stays is no reason to do without the certificate. */
  async withdraw(proof: Proof): Promise<void> {
    await this.run("remove", proof);
  }

  /** What went wrong; null if nothing did. */
  private async run(action: "add" | "remove", { name, keyAuthorization }: Proof): Promise<string | null> {
    try {
      const child = Bun.spawn([this.program, action, recordNameOf(name), recordValueOf(keyAuthorization), name], {
        stdin: "ignore",
        stdout: "ignore",
        stderr: "pipe",
        timeout: this.timeoutMs,
        killSignal: "SIGKILL",
      });
      const [text, code] = await Promise.all([child.stderr.text(), child.exited]);
      if (child.signalCode !== null) return `was ended by ${child.signalCode}`;
      return code === 0 ? null : `ended with ${code}${text.trim() === "" ? "" : `: ${clean(text)}`}`;
    } catch (error) {
      return `can't be run: ${messageOf(error)}`;
    }
  }
}
