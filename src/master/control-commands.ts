/**
 * The commands of the control socket, one row each.
 *
 * In:    a line: a command's name in any case, and what follows it.
 * Out:   a line: `OK …` or `ERROR …`; structured answers are JSON.
 * Keeps: never rejects; a line is answered when its work is done.
 */
import type { Outcome } from "./reload.ts";
import { NUM_WORKERS_MAX } from "../config/worker-rows.ts";
import { messageOf } from "../sys/errno.ts";

/** What the master can be asked to do. */
export type ControlActions = {
  readonly pid: number;
  readonly version: string;
  describeStatistics(): object;
  describeHealth(): object;
  describeWorkers(): object;
  resize(workers: number): Promise<Outcome>;
  reload(): Promise<Outcome>;
  /** `asker` is the descriptor that the new master answers on. */
  upgrade(asker: number): Promise<Outcome>;
  /** Gets another certificate for a name; revokes the present one first. */
  renewCertificate(name: string): Promise<Outcome>;
  revokeCertificate(name: string): Promise<Outcome>;
  /** Returns the new generation of the cache. */
  purge(): number;
  reopenLogs(): void;
  stop(): void;
};

type ControlCommand = {
  readonly name: string;
  /** What may follow the name; "" for nothing. */
  readonly argument: "" | "[N]" | "NAME";
  readonly meaning: string;
  run(actions: ControlActions, argument: string, asker: number): string | Promise<string>;
};

export const CONTROL_COMMANDS: readonly ControlCommand[] = [
  {
    name: "PING",
    argument: "",
    meaning: "version and process id",
    run: ({ version, pid }) => ok(`saker ${version} (pid ${pid})`),
  },
  {
    name: "STATS",
    argument: "",
    meaning: "the report of /stats",
    run: (actions) => json(actions.describeStatistics()),
  },
  { name: "HEALTH", argument: "", meaning: "the report of /health", run: (actions) => json(actions.describeHealth()) },
  {
    name: "WORKERS",
    argument: "[N]",
    meaning: "list the worker processes; with a number, run that many until the next reload",
    run: (actions, argument) => (argument === "" ? json(actions.describeWorkers()) : resize(actions, argument)),
  },
  { name: "RELOAD", argument: "", meaning: "as SIGHUP", run: async (actions) => told(await actions.reload()) },
  {
    name: "UPGRADE",
    argument: "",
    meaning: "replace the server by the executable now at its path, as SIGURG",
    run: async (actions, _argument, asker) => told(await actions.upgrade(asker)),
  },
  {
    name: "PURGE",
    argument: "",
    meaning: "drop everything the workers have cached",
    run: (actions) => ok(`generation ${actions.purge()} of the cache`),
  },
  {
    name: "RENEW",
    argument: "NAME",
    meaning: "get another certificate for a name from its authority now",
    run: (actions, name) => ofName("RENEW", name, (given) => actions.renewCertificate(given)),
  },
  {
    name: "REVOKE",
    argument: "NAME",
    meaning: "have the certificate for a name revoked, and get another one",
    run: (actions, name) => ofName("REVOKE", name, (given) => actions.revokeCertificate(given)),
  },
  { name: "REOPEN", argument: "", meaning: "reopen the log files, as SIGUSR2", run: reopen },
  { name: "STOP", argument: "", meaning: "finish what is in flight and exit, as SIGTERM", run: stop },
  { name: "HELP", argument: "", meaning: "list the commands", run: help },
];

/** The answer to a line, without its end. `asker` is the descriptor of the connection it came by. */
export async function answerLine(line: string, actions: ControlActions, asker: number): Promise<string> {
  const [, name = "", argument = ""] = /^\s*(\S*)\s*(.*?)\s*$/.exec(line) ?? [];
  const command = CONTROL_COMMANDS.find((candidate) => candidate.name === name.toUpperCase());
  if (command === undefined) return "ERROR unknown command; HELP lists them";
  if (argument !== "" && command.argument === "") return `ERROR ${command.name} takes no argument`;
  try {
    return await command.run(actions, argument, asker);
  } catch (error) {
    return `ERROR ${joinLines(messageOf(error))}`;
  }
}

function ok(text: string): string {
  return `OK ${joinLines(text)}`;
}

function json(value: object): string {
  return `OK ${JSON.stringify(value)}`;
}

function told({ isGood, line }: Outcome): string {
  return `${isGood ? "OK" : "ERROR"} ${joinLines(line)}`;
}

function ofName(command: string, name: string, act: (name: string) => Promise<Outcome>): string | Promise<string> {
  return name === "" ? `ERROR ${command} takes a name` : act(name).then(told);
}

function resize(actions: ControlActions, argument: string): string | Promise<string> {
  const workers = /^\d{1,4}$/.test(argument) ? Number(argument) : 0;
  if (workers < 1 || workers > NUM_WORKERS_MAX) return `ERROR WORKERS takes a number between 1 and ${NUM_WORKERS_MAX}`;
  return actions.resize(workers).then(told);
}

function reopen(actions: ControlActions): string {
  actions.reopenLogs();
  return ok("log files reopened");
}

function stop(actions: ControlActions): string {
  actions.stop();
  return ok("stopping");
}

function help(): string {
  return json(
    Object.fromEntries(CONTROL_COMMANDS.map(({ name, argument, meaning }) => [`${name} ${argument}`.trim(), meaning])),
  );
}

/** A line break within an answer would begin another answer. */
function joinLines(text: string): string {
  return text.replace(/[\r\n]+/g, " ");
}
