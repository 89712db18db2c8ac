/**
 * All checks, in the order a person reads them: what it runs on, what it reads and writes, what it may use.
 *
 * Keeps: pure; a check is a function from settings and facts to findings.
 */
import type { Settings } from "../../config/settings.ts";
import { checkCertificates } from "./certificates.ts";
import { checkConfinement } from "./confinement.ts";
import type { Facts } from "./facts.ts";
import { checkFiles } from "./files.ts";
import type { Finding } from "./finding.ts";
import { checkLimits } from "./limits.ts";
import { checkPlatform } from "./platform.ts";

export function examine(settings: Settings, facts: Facts): Finding[] {
  return [
    ...checkPlatform(facts),
    ...checkConfinement(settings, facts),
    ...checkFiles(settings, facts),
    ...checkCertificates(facts),
    ...checkLimits(settings, facts),
  ];
}
