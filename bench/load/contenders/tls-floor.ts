/**
 * The floor of TLS in this runtime: Bun.listen that answers anything by the same 1 KiB (tls-floor-process.ts). What saker costs above it
 * is its own.
 */
import { join } from "node:path";
import { FILES } from "../document-root.ts";
import type { Contender } from "../contender.ts";

export const tlsFloor: Contender = {
  name: "bun-listen",
  group: "bun-listen",
  title: "Bun.listen, a fixed answer",
  onlyFor: ["h1-1k"],
  version: () => `Bun ${Bun.version}`,
  launch({ root, port, certificate }) {
    const files = [certificate!.certificate, certificate!.key, root, FILES.hot.name];
    return { command: [process.execPath, join(import.meta.dir, "tls-floor-process.ts"), String(port), ...files] };
  },
};
