import { expect, test } from "bun:test";
import {
  type Confinement,
  type Enforced,
  enforcedArgument,
  enforcedOf,
  fromArguments,
  toArguments,
} from "../../src/sys/confinement.ts";

test.each<[string, Confinement]>([
  ["nothing", { confines: false, read: [], write: [], update: [], cpu: null }],
  ["a CPU alone", { confines: false, read: [], write: [], update: [], cpu: 0 }],
  [
    "paths with blanks, equals signs and dashes",
    {
      confines: true,
      read: ["/srv/a b", "/--write=/x"],
      write: ["/var/log/ö"],
      update: ["/dev/shm/s"],
      cpu: 63,
    },
  ],
])("a plan is the same before and after the command line: %s", (_what, plan) => {
  expect(fromArguments(toArguments(plan))).toEqual(plan);
});

test.each<[Enforced]>([
  [{ noNewPrivileges: true, landlock: 7, seccomp: true, cpu: null }],
  [{ noNewPrivileges: false, landlock: 0, seccomp: false, cpu: 0 }],
])("so is what came of it: %j", (enforced) => {
  expect(enforcedOf(["saker", "--saker-worker", enforcedArgument(enforced)])).toEqual(enforced);
});

test("a worker without a first stage knows", () => {
  expect(enforcedOf(["saker", "--saker-worker"])).toBeNull();
});
