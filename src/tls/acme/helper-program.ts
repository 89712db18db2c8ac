/**
 * The helper's side: the whole life of a process that the master starts when there is something to do with an authority.
 *
 *     master ──job──► `saker --saker-acme` ──HTTPS──► authority
 *
 * Why a process: workers may not connect to anybody, and the master reads nothing that comes from outside. Its memory is gone when
 *        it ends, and a directory that answers garbage takes nothing else down.
 * In:    lines of JSON on stdin. Out: the same on stdout (helper-messages.ts).
 * Keeps: it ends with its parent. Told to end, it releases the lock it holds: another machine needn't wait.
 */
import { writeSync } from "node:fs";
import { dieWithParent } from "../../sys/process.ts";
import { AcmeError } from "./acme-error.ts";
import type { AccountWish } from "./account.ts";
import { Authority } from "./authority.ts";
import { acquireLock, workOn } from "./certificate-work.ts";
import { DnsHook } from "./dns-hook.ts";
import { fetchTransport } from "./fetch-transport.ts";
import type { AcmeJob, AcmeSettings, HelperLine, ShownLine } from "./helper-messages.ts";
import { jsonLines } from "./lines.ts";
import { ProofBoard } from "./proof-board.ts";
import { AcmeStorage } from "./storage.ts";
import { readKept } from "../kept-files.ts";
import type { StorageLock } from "./storage-lock.ts";
import { REAL_CLOCK, type Transport } from "./transport.ts";

/** Returns the exit code. */
export async function runAcmeHelper(): Promise<number> {
  dieWithParent("SIGTERM");
  const lines = jsonLines(Bun.stdin.stream());
  const { value, done } = await lines.next();
  if (done === true) return 1;
  const job = value as AcmeJob;
  const board = new ProofBoard(job.settings.challenge, job.storage, tell);
  const locks = new HeldLocks();
  const giveUp = (): never => {
    locks.release();
    process.exit(1);
  };
  process.once("SIGTERM", giveUp);
  // The master is gone, or another program: it goes on with the same order.
  void hear(lines, board).then(giveUp);
  await work(job, board, locks);
  return 0;
}

/** Locks that must not be left behind. */
class HeldLocks {
  private last: StorageLock | null = null;

  readonly acquire = async (path: string): Promise<StorageLock> => {
    this.last = await acquireLock(path); // one at a time
    return this.last;
  };

  release(): void {
    this.last?.[Symbol.dispose]();
  }
}

async function work(job: AcmeJob, board: ProofBoard, { acquire }: HeldLocks): Promise<void> {
  const { settings, userAgent, rehearsalDirectory } = job;
  const storage = new AcmeStorage(job.storage);
  const transport = transportOf(settings, userAgent);
  const common = { transport, clock: REAL_CLOCK, storage };
  const authority = new Authority({ ...common, url: settings.directory, account: () => accountOf(settings) });
  const rehearsal =
    rehearsalDirectory === null
      ? null
      : new Authority({
          ...common,
          url: rehearsalDirectory,
          account: () => ({ ...accountOf(settings), external: null }),
        });
  const prover = settings.challenge === "dns-01" ? new DnsHook(settings.dns_hook!) : board;
  const { profile, preferred_chain: preferredChain } = settings;
  for (const task of job.tasks) {
    const parts = { storage, authority, rehearsal, prover, clock: REAL_CLOCK, profile, preferredChain, acquire };
    tell({ type: "done", report: await workOn(task, parts) });
  }
}

function transportOf({ directory_ca: file }: AcmeSettings, userAgent: string): Transport {
  const authorities = file === null ? null : readKept(file);
  if (file !== null && authorities === null) {
    return () => Promise.reject(new AcmeError("local", `directory_ca ${file} does not exist`));
  }
  return fetchTransport({ userAgent, authorities });
}

function accountOf({ email, agree_to_terms, eab_key_id, eab_hmac_key_file }: AcmeSettings): AccountWish {
  const wish = { email, agreesToTerms: agree_to_terms, external: null };
  if (eab_hmac_key_file === null) return wish;
  const hmacKey = readKept(eab_hmac_key_file);
  if (hmacKey === null) throw new AcmeError("local", `eab_hmac_key_file ${eab_hmac_key_file} does not exist`);
  return { ...wish, external: { keyId: eab_key_id, hmacKey } };
}

async function hear(lines: AsyncGenerator<unknown>, board: ProofBoard): Promise<void> {
  for await (const line of lines) board.confirm((line as ShownLine).shown);
}

const STDOUT = 1;

/** At once: the process may end with it. */
function tell(line: HelperLine): void {
  writeSync(STDOUT, `${JSON.stringify(line)}\n`);
}
