/** Runs one experiment on saker, and on nginx where that is installed and wanted. */
import { type Row, takesPart, type Torture, Verdict } from "./experiment.ts";
import { isNginxInstalled, startNginx } from "./servers/nginx.ts";
import { type SakerOptions, startSakerUnderTorture } from "./servers/saker.ts";
import type { ServerUnderTorture } from "./servers/server-under-torture.ts";

export async function onBothServers(
  experiment: string,
  torture: Torture,
  options: Omit<SakerOptions, "executable">,
  run: (server: ServerUnderTorture) => Promise<Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  if (takesPart(torture, "saker")) {
    await using saker = await startSakerUnderTorture({ ...options, executable: torture.executable });
    rows.push(...(await run(saker)));
  }
  if (!takesPart(torture, "nginx")) return rows;
  if (!isNginxInstalled()) return [...rows, skipped(experiment, "nginx is not installed")];
  const { site, workers, headerTimeoutSeconds, timeoutSeconds } = options;
  await using nginx = await startNginx({ root: site.root, workers, headerTimeoutSeconds, timeoutSeconds });
  rows.push(...(await run(nginx!)));
  return rows;
}

/** nginx has nothing to compare here, for this reason. */
export function skipped(experiment: string, why: string): Row {
  return { experiment, server: "nginx", fault: "–", saw: why, criterion: "", verdict: Verdict.Skip };
}
