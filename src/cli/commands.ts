/**
 * The table of commands.
 *
 * Keeps: a command is one row here and one file beside, which command-modules.ts finds; dispatch, help and "did you mean" read
 *        the rows. Nothing is imported here that reads them.
 */
import { CONTROL_COMMANDS } from "../master/control-commands.ts";
import type { Command } from "./command.ts";
import { CONTROL_FLAGS } from "./find-control.ts";

/** The command that runs when none is named. */
export const DEFAULT_COMMAND = "serve";

export const COMMANDS = [
  {
    name: "serve",
    synopsis: "[DIR] [OPTIONS]",
    summary: "serve a folder; what saker does when no command is named",
    details: [
      "Serves DIR, or the document_root of the configuration, or ./static, until it gets SIGTERM or SIGINT. " +
        "SIGHUP reloads the configuration without losing a request, SIGUSR1 prints statistics, SIGUSR2 reopens log files, " +
        "SIGURG upgrades to the executable now at the path.",
    ],
    readsSettings: true,
    flags: [],
  },
  {
    name: "check",
    synopsis: "[DIR] [OPTIONS]",
    summary: "check the configuration and what it refers to, without serving",
    details: [
      "Takes the same arguments as serve. Exit code 0 when serve would start, 2 when the configuration is wrong, " +
        "1 when a folder or file it needs is missing or can't be used. Warns about what is " +
        "valid but probably unintended: rules that are never reached, overridden fields, fallbacks that hide error pages, redirect loops.",
    ],
    readsSettings: true,
    flags: [{ flags: ["--strict"], placeholder: null, meaning: "Exit code 1 when there are warnings" }],
  },
  {
    name: "explain",
    synopsis: "[METHOD] URL [OPTIONS]",
    summary: "show how a request would be answered, and which configuration lines decide it",
    details: [
      "URL is a path, or a URL whose host chooses the virtual host. Prints every decision: host, path, rules, files tried, " +
        "content coding, preconditions, range, and each field of the response with its reason. Needs no running server and " +
        "opens no socket. Exit code 0 whatever the response is, 2 when the request or the configuration is wrong.",
    ],
    readsSettings: true,
    flags: [
      {
        flags: ["--header", "-H"],
        placeholder: "FIELD",
        meaning: 'Send a field, such as "Accept-Encoding: br"; may be given several times',
      },
      { flags: ["--json"], placeholder: null, meaning: "Print the explanation as JSON" },
    ],
  },
  {
    name: "doctor",
    synopsis: "[DIR] [OPTIONS]",
    summary: "check whether this machine is fit for the configuration",
    details: [
      "Takes the same arguments as serve, and checks limits, permissions, mounts, kernel and clock. Prints one line per check: " +
        "ok, warn or fail, the subject, what was measured, and what to do. Changes nothing, and can be run beside a server. " +
        "Exit code 1 when a check fails, 2 when the configuration is wrong, 0 otherwise.",
    ],
    readsSettings: true,
    flags: [{ flags: ["--json"], placeholder: null, meaning: "Print the findings as JSON" }],
  },
  {
    name: "health",
    synopsis: "[OPTIONS]",
    summary: "ask the running server for its health; for containers without a shell",
    details: [
      "Requests /health at the configured address, and exits with 0 when the server is healthy, with 1 in every " +
        "other case. Needs no shell and no other program, so it can be a container's HEALTHCHECK.",
    ],
    readsSettings: true,
    flags: [
      {
        flags: ["--timeout"],
        placeholder: "SECONDS",
        meaning: "Longest time to wait for the answer (default 3)",
      },
      {
        flags: ["--url"],
        placeholder: "URL",
        meaning: "Ask there, by HTTP or HTTPS; the certificate of a loopback address isn't verified",
      },
    ],
  },
  {
    name: "ctl",
    synopsis: "COMMAND [OPTIONS]",
    summary: "query or control a running server through its control socket",
    details: [
      ...CONTROL_COMMANDS.map(({ name, argument, meaning }) => `${`${name} ${argument}`.trimEnd()}: ${meaning}.`),
      "The server is the one that the configuration describes, or that --socket, --pid or --pid-file names. Exit code 0 when it " +
        "answers OK; structured answers are printed as JSON.",
    ],
    readsSettings: true,
    flags: CONTROL_FLAGS,
  },
  {
    name: "upgrade",
    synopsis: "[OPTIONS]",
    summary: "replace a running server by the executable now at its path",
    details: [
      "The server rehearses the new executable, then becomes it: same process, same sockets, same statistics, no request lost. " +
        "When the new one can't start, the old one stays. Exit code 0 after an upgrade, 1 with the reason otherwise. " +
        "The server is the one that the configuration describes, or that --socket, --pid or --pid-file names.",
    ],
    readsSettings: true,
    flags: CONTROL_FLAGS,
  },
  {
    name: "certificates",
    synopsis: "[root | renew NAME | revoke NAME] [OPTIONS]",
    summary: "list the certificates of a configuration, or have a server renew or revoke one",
    details: [
      "Takes the same arguments as serve. Shows names, issuer, dates and files of every certificate, and whom it is served to. " +
        "Exit code 1 when one of them can't be served.",
      'With self_signed, saker issues certificates by an authority of its own. "saker certificates root > root.pem" ' +
        "exports its root, which visitors' browsers and systems must be told to trust; its key stays where it is.",
      "With [tls.acme], the list has when each certificate is renewed, and why the last attempt failed. renew has a running server " +
        "get another one now; revoke has the present one revoked first, as after its key has been seen by others. The server is the " +
        "one that the configuration describes, or that --socket, --pid or --pid-file names.",
    ],
    readsSettings: true,
    flags: [{ flags: ["--json"], placeholder: null, meaning: "Print the list as JSON" }, ...CONTROL_FLAGS],
  },
  {
    name: "hash-password",
    synopsis: "NAME",
    summary: "hash a password for the users of [[basic_auth]]",
    details: [
      "Asks for the password, or reads the first line of standard input, and prints NAME:HASH (argon2id). " +
        "The hash goes into the configuration; the password is not stored.",
    ],
    readsSettings: false,
    flags: [],
  },
  {
    name: "version",
    synopsis: "",
    summary: "print the version and commit; also spelled --version and -V",
    details: [],
    readsSettings: false,
    flags: [],
  },
  {
    name: "help",
    synopsis: "[COMMAND | settings [--markdown]]",
    summary: "explain a command or list the settings; also spelled --help and -h",
    details: ['"saker help settings --markdown" prints docs/settings.md, the page of all settings.'],
    readsSettings: false,
    flags: [{ flags: ["--markdown"], placeholder: null, meaning: "Print the settings as Markdown" }],
  },
] as const satisfies readonly Command[];

export type CommandName = (typeof COMMANDS)[number]["name"];

/** A row, whichever it is. */
export type KnownCommand = Command & { readonly name: CommandName };

export function findCommand(name: string): KnownCommand | undefined {
  return COMMANDS.find((command) => command.name === name);
}
