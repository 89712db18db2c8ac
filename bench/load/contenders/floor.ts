/**
 * The C program that sends the same bytes and does nothing else (floor/floor.c), compiled for the run.
 *
 * Keeps: compiled once, into the bench's temporary folder; where there is no C compiler there is no floor.
 */
import { dirname, join } from "node:path";
import type { Contender } from "../contender.ts";

const COMPILERS = ["cc", "gcc", "clang"];
const SOURCE = join(dirname(import.meta.dir), "..", "floor", "floor.c");

function compiler(): string | null {
  return COMPILERS.find((name) => Bun.which(name) !== null) ?? null;
}

/** The floor of a run whose temporary folder is `folder`. */
export function floorIn(folder: string): Contender {
  const binary = join(folder, "floor");
  let compiled = false;
  return {
    name: "floor",
    group: "floor",
    title: "C epoll floor",
    version() {
      const name = compiler();
      return name === null ? null : (Bun.spawnSync([name, "--version"]).stdout.toString().split("\n")[0] ?? name);
    },
    launch({ root, port }) {
      if (!compiled) {
        const { exitCode, stderr } = Bun.spawnSync([compiler()!, "-O2", "-o", binary, SOURCE]);
        if (exitCode !== 0) throw new Error(`floor.c does not compile: ${stderr.toString().split("\n")[0]}`);
        compiled = true;
      }
      return { command: [binary, String(port), root] };
    },
  };
}
