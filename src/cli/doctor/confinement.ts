/**
 * Checks of what workers can be kept from.
 *
 * Keeps: pure.
 */
import type { Settings } from "../../config/settings.ts";
import type { Facts } from "./facts.ts";
import { fail, type Finding, ok, warn } from "./finding.ts";

const NO_LANDLOCK = "Use Linux 5.13 or later with landlock among its security modules, and a sandbox that allows it.";

export function checkConfinement({ confine }: Settings, { platform, confined }: Facts): Finding[] {
  const what = "confinement";
  if (!platform.isLinux || confine === false) return [ok(what, confine === false ? "turned off" : "not available")];
  const { landlock } = platform.kernel;
  if (landlock === 0 || confined === null) {
    const measured = platform.hasForeignFunctions ? "no Landlock" : "no foreign functions";
    return [
      confine === true
        ? fail(what, measured, `${NO_LANDLOCK} Or set confine = "auto".`)
        : warn(what, measured, NO_LANDLOCK),
    ];
  }
  const { read, write } = confined;
  return [ok(what, `Landlock version ${landlock}: workers read ${list(read)}, write ${list(write)}`)];
}

function list(paths: readonly string[]): string {
  return paths.join(", ") || "nothing";
}
