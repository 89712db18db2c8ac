/**
 * `Bun.serve` at its best: see bun-serve-process.ts, which is what runs.
 */
import { join } from "node:path";
import type { Contender } from "../contender.ts";

export const bunServe: Contender = {
  name: "bun-serve",
  group: "bun-serve",
  title: "Bun.serve",
  version: () => `Bun ${Bun.version}`,
  launch: ({ root, port }) => ({
    command: [process.execPath, join(import.meta.dir, "bun-serve-process.ts"), String(port), root],
    env: { NODE_ENV: "production" },
  }),
};
