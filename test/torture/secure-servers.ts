/** Runs one experiment on TLS and HTTP/2: on saker, and on those of its peers that are installed and wanted. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Certificate, makeCertificate } from "../../bench/load/certificate.ts";
import { type Row, takesPart, type Torture } from "./experiment.ts";
import { startH2o } from "./servers/h2o.ts";
import { startNginx } from "./servers/nginx.ts";
import { type SakerOptions, startSakerUnderTorture } from "./servers/saker.ts";
import type { ServerUnderTorture, Surroundings } from "./servers/server-under-torture.ts";

const PEERS: readonly ((surroundings: Surroundings) => Promise<ServerUnderTorture | null>)[] = [startNginx, startH2o];
const PEER_NAMES = ["nginx", "h2o"];

export interface TestCertificate extends AsyncDisposable {
  readonly certificate: Certificate;
}

export async function createCertificate(): Promise<TestCertificate> {
  const folder = await mkdtemp(join(tmpdir(), "saker-torture-certificate-"));
  return {
    certificate: makeCertificate(folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export type SecureOptions = Omit<SakerOptions, "executable" | "certificate">;

export async function onSecureServers(
  torture: Torture,
  options: SecureOptions,
  run: (server: ServerUnderTorture) => Promise<Row[]>,
): Promise<Row[]> {
  await using made = await createCertificate();
  const { certificate } = made;
  const rows: Row[] = [];
  if (takesPart(torture, "saker")) {
    await using saker = await startSakerUnderTorture({ ...options, certificate, executable: torture.executable });
    rows.push(...(await run(saker)));
  }
  const { site, workers, headerTimeoutSeconds, timeoutSeconds } = options;
  for (const [index, start] of PEERS.entries()) {
    if (!takesPart(torture, PEER_NAMES[index]!)) continue;
    await using peer = await start({ root: site.root, workers, certificate, headerTimeoutSeconds, timeoutSeconds });
    if (peer !== null) rows.push(...(await run(peer)));
  }
  return rows;
}
