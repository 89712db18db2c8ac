/** Every experiment, in the order in which they run. */
import type { Experiment } from "../experiment.ts";
import { addresses } from "./addresses.ts";
import { changingFiles } from "./changing-files.ts";
import { connections } from "./connections.ts";
import { crash } from "./crash.ts";
import { crashLoop } from "./crash-loop.ts";
import { fullDisk } from "./full-disk.ts";
import { h2Floods } from "./h2-floods.ts";
import { h2SlowClients } from "./h2-slow-clients.ts";
import { hang } from "./hang.ts";
import { manyClients } from "./many-clients.ts";
import { overload } from "./overload.ts";
import { reload } from "./reload.ts";
import { secureLossless } from "./secure-lossless.ts";
import { slowClients } from "./slow-clients.ts";
import { soak } from "./soak.ts";
import { stop } from "./stop.ts";
import { tlsClients } from "./tls-clients.ts";
import { upgrade } from "./upgrade.ts";

export const EXPERIMENTS: readonly Experiment[] = [
  crash,
  hang,
  crashLoop,
  reload,
  addresses,
  upgrade,
  stop,
  overload,
  connections,
  slowClients,
  manyClients,
  secureLossless,
  h2Floods,
  h2SlowClients,
  tlsClients,
  changingFiles,
  fullDisk,
  soak,
];
