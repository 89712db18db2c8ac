/**
 * From a workload and a running server to a load: checks that the server answers as the workload wants, and chooses the client.
 *
 * Fails: `CheckError`, with one sentence; the contender is then left out of the workload.
 */
import { checkWorkload } from "./body-check.ts";
import { prepareH2load } from "./h2load.ts";
import { handshakeLoad } from "./handshakes.ts";
import type { Load } from "./load-run.ts";
import type { RunningServer, Surroundings } from "./running-server.ts";
import { handshakeCheck, type Workload } from "./tls-workloads.ts";
import { wrkLoad } from "./wrk.ts";

export async function prepareLoad(workload: Workload, server: RunningServer, around: Surroundings): Promise<Load> {
  switch (workload.client) {
    case "wrk":
      return wrkLoad(workload, await checkWorkload(workload, server.port, around.root), server, around);
    case "h2load":
      return await prepareH2load(workload, server, around);
    case "handshakes":
      await checkWorkload(handshakeCheck(workload), server.port, around.root);
      return handshakeLoad(workload, server, around);
  }
}
