/** Runs small programs in a child of their own, for tests of what happens to a whole process. */

/** Runs the source text with `bun -e` and resolves with its trimmed standard output; throws with stderr if it fails. */
export async function runProgram(source: string, env: Record<string, string> = {}): Promise<string> {
  const child = Bun.spawn([process.execPath, "-e", source], {
    env: { ...process.env, ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`exit ${code}: ${errors}`);
  return output.trim();
}

export function runWithoutFfi(source: string): Promise<string> {
  return runProgram(source, { SAKER_NO_FFI: "1" });
}

/** Collections of the garbage collector while the source text ran: an allocation-free loop adds none to an empty one. */
export async function countCollections(source: string): Promise<number> {
  const child = Bun.spawn([process.execPath, "-e", source], {
    env: { ...process.env, BUN_JSC_logGC: "1" },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`exit ${code}: ${errors}`);
  return (output + errors).split("\n").filter((line) => line.includes("GC")).length;
}
