/**
 * Checks of what saker reads and writes: document roots, logs, the pid file, the statistics file, and the account they are
 * accessed with.
 *
 * Keeps: pure.
 */
import type { Settings } from "../../config/settings.ts";
import { Access, type Account, mayAccess } from "./account.ts";
import type { Facts, RootFacts } from "./facts.ts";
import { fail, type Finding, ok, warn } from "./finding.ts";

export function checkFiles(settings: Settings, facts: Facts): Finding[] {
  return [
    ...checkUser(settings, facts),
    ...facts.roots.flatMap((root) => checkRoot(root, facts.identity.worker)),
    ...checkWrittenFiles(facts),
    ...checkStatistics(facts),
  ];
}

function checkUser({ user, group }: Settings, { identity }: Facts): Finding[] {
  const { isRoot, worker, problem } = identity;
  const what = "user";
  if (worker === null) return [fail(what, problem, "Create the account, or name another one.")];
  if (user === null && group === null) {
    if (!isRoot) return [ok(what, `uid ${worker.uid}, not root`)];
    return [warn(what, "root", "Set user, so that workers drop root once the sockets are open.")];
  }
  if (!isRoot) {
    return [
      fail(
        what,
        `${worker.name} is configured`,
        "Only root can choose the workers' user and group: start as root, or unset both.",
      ),
    ];
  }
  return [ok(what, `workers run as ${worker.name}`)];
}

function checkRoot({ what, path, problem, way, sample }: RootFacts, worker: Account | null): Finding[] {
  if (problem !== "") return [fail(what, `${path} ${problem}`, "Make the folder readable, or name another one.")];
  if (worker === null) return [];
  const closed = way.find(
    (folder) => !mayAccess(worker, folder, folder.path === path ? Access.ReadAndEnter : Access.Enter),
  );
  if (closed !== undefined) {
    const advice = `Let ${worker.name} in: chmod o+${closed.path === path ? "rx" : "x"} ${closed.path}.`;
    return [fail(what, `${worker.name} may not enter ${closed.path}`, advice)];
  }
  const unreadable = sample.filter((file) => !mayAccess(worker, file, Access.Read));
  if (unreadable.length === 0) return [ok(what, `${path} is readable`)];
  const measured = `${unreadable.length} of ${sample.length} sampled files can't be read, ${unreadable[0]!.path} for one`;
  return [warn(what, measured, `They are answered with 403: let ${worker.name} read them.`)];
}

function checkWrittenFiles({ files }: Facts): Finding[] {
  return files.map(({ setting, path, problem }) =>
    problem === ""
      ? ok(setting, `${path} can be written`)
      : fail(setting, `${path} ${problem}`, "Name a file that this user can write."),
  );
}

function checkStatistics({ statistics }: Facts): Finding[] {
  const { folder, isConfigured, isInMemory, problem, freeOctets, neededOctets } = statistics;
  const what = "statistics file";
  const needed = `${Math.ceil(neededOctets / 1024)} KiB needed`;
  if (!isConfigured && (problem !== "" || (freeOctets !== null && freeOctets < neededOctets))) {
    const advice =
      "They are counted in memory, where no other program can read them: make room (--shm-size in Docker).";
    return [warn(what, `${folder} ${problem || "has no room"}, ${needed}`, advice)];
  }
  if (problem !== "") return [fail(what, `${folder} ${problem}`, "Set stats_file to a file that this user can write.")];
  const measured = freeOctets === null ? folder : `${folder}, ${Math.floor(freeOctets / 1024)} KiB free, ${needed}`;
  if (freeOctets !== null && freeOctets < neededOctets) {
    return [fail(what, measured, "Make room (--shm-size in Docker), or set stats_file to a file elsewhere.")];
  }
  if (isInMemory) return [ok(what, measured)];
  return [
    warn(
      what,
      measured,
      "Counters in a file on disk cause constant writes: mount /dev/shm, or set stats_file to a tmpfs.",
    ),
  ];
}
