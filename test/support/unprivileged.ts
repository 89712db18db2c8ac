/**
 * Running a command without root's rights, which no permission bit would stop.
 *
 * Out:   words to put before the command: none when the tests don't run as root anyway; null where it can't be done
 *        (no setpriv(1), or a runtime that other users may not read).
 */
const NOBODY = 65534;

const words = probe();

/** For `wrapper` of `startSaker` and `runSaker`; null = skip the test. */
export function asNobody(): readonly string[] | null {
  return words;
}

function probe(): readonly string[] | null {
  if (process.getuid?.() !== 0) return [];
  if (!Bun.which("setpriv")) return null;
  const wrapper = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
  const { exitCode } = Bun.spawnSync([...wrapper, process.execPath, "--version"], { cwd: "/" });
  return exitCode === 0 ? wrapper : null;
}
