/**
 * The code of each command, imported only when it runs, because every import costs start-up time.
 *
 * Keeps: one row for each of commands.ts; the compiler finds one that is missing.
 */
import type { CommandModule } from "./command.ts";
import type { CommandName } from "./commands.ts";

export const COMMAND_MODULES: Readonly<Record<CommandName, () => Promise<CommandModule>>> = {
  serve: () => import("./serve.ts"),
  check: () => import("./check.ts"),
  explain: () => import("./explain.ts"),
  doctor: () => import("./doctor.ts"),
  health: () => import("./health.ts"),
  ctl: () => import("./ctl.ts"),
  upgrade: () => import("./upgrade.ts"),
  certificates: () => import("./certificates.ts"),
  "hash-password": () => import("./hash-password.ts"),
  version: () => import("./version.ts"),
  help: () => import("./help.ts"),
};
