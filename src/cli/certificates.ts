/**
 * `saker certificates`: which certificates a configuration serves, and until when; `saker certificates root`: the root of saker's
 * own authority, for those who are to trust it; `renew NAME` and `revoke NAME`: what a running server does about one that it has
 * gotten by itself.
 *
 * In:    the same arguments as serve; `--json`.
 * Out:   a block per certificate. Exit code 0, 1 when some can't be served (or there is no root), 2 when the configuration is wrong.
 * Keeps: reads files and changes nothing; prints nothing of a key.
 */
import { isCertificateName } from "../config/acme-table.ts";
import { type Configuration, loadConfiguration } from "../config/load-settings.ts";
import type { Settings } from "../config/settings.ts";
import { dayOf, validityOf } from "../tls/certificate.ts";
import type { PairFacts } from "../tls/credential-facts.ts";
import { authorityFile, readAuthority } from "../tls/self-signed/authority.ts";
import { askControl } from "./ask-control.ts";
import { CommandError, ExitCode, type Invocation } from "./command.ts";
import { Places } from "./explain/places.ts";
import { findControl } from "./find-control.ts";
import { print } from "./output.ts";
import { NO_RENEWAL, renewalsOf } from "./renewals.ts";
import { namedCertificates, pairFactsOf, type ReadSource, readSources } from "./read-certificates.ts";
import { DAY_MS } from "../units.ts";

export async function run(invocation: Invocation): Promise<number> {
  const configuration = loadConfiguration({ ...invocation, takesOperands: true });
  const [operand, name, extra] = configuration.arguments.positionals;
  if (operand === "renew" || operand === "revoke") return await orderAnew(invocation, operand, name, extra);
  if (name !== undefined || (operand !== undefined && operand !== "root")) {
    const takes = 'nothing, "root", "renew NAME" or "revoke NAME"';
    throw new CommandError(`certificates takes ${takes}, not "${name ?? operand}"`, ExitCode.Usage);
  }
  if (operand === "root") return printRoot(invocation.env);
  const nowMs = Date.now();
  const sources = readSources(configuration.settings, nowMs).filter(({ key }) => key !== null);
  const listed = listedOf(configuration, sources, nowMs);
  const isJson = configuration.arguments.flags.has("--json");
  await print(isJson ? `${JSON.stringify({ certificates: listed }, null, 2)}\n` : textOf(listed));
  return sources.every(({ outcome }) => outcome.isGood) ? ExitCode.Good : ExitCode.Failure;
}

/** It is the server that orders: the authority comes to it for proofs. */
async function orderAnew(invocation: Invocation, wish: "renew" | "revoke", name = "", extra?: string): Promise<number> {
  if (name === "" || extra !== undefined || !isCertificateName(name)) {
    throw new CommandError(
      `certificates ${wish} takes one name: saker certificates ${wish} example.com`,
      ExitCode.Usage,
    );
  }
  await print(`${await askControl(findControl(invocation), `${wish.toUpperCase()} ${name}`)}\n`);
  return ExitCode.Good;
}

async function printRoot(env: Invocation["env"]): Promise<number> {
  const file = authorityFile(env);
  const authority = readAuthority(file);
  if (authority === null) {
    throw new CommandError(`there is no authority in ${file} yet: \`saker DIR --https\` makes one`);
  }
  await print(authority.certificate);
  return ExitCode.Good;
}

/** A certificate, as it is printed; the names are published with `--json`. */
interface Listed {
  readonly file: string;
  readonly key_file: string | null;
  /** Where the settings name it. */
  readonly place: string;
  /** What is wrong with it; "" if it can be served. */
  readonly problem: string;
  readonly names: readonly string[];
  readonly issuer: string;
  readonly key: string;
  readonly not_before: string;
  readonly not_after: string;
  readonly state: string;
  /** Who gets it. */
  readonly serves: string;
  /** When saker gets another one; "" where it doesn't. */
  readonly renewal: string;
  /** Why the last attempt to get one failed; "" if none did. */
  readonly trouble: string;
}

function listedOf({ settings, originOf }: Configuration, sources: readonly ReadSource[], nowMs: number): Listed[] {
  const places = new Places(originOf);
  const renewals = renewalsOf(settings, process.env, nowMs);
  const first = namedCertificates(settings, sources).find(({ host }) => host === null)?.label;
  const files = sources.map(({ file, key, because, host, outcome }): Listed => {
    const facts = pairFactsOf(outcome);
    return {
      file,
      key_file: key,
      place: places.of(because),
      problem: outcome.isGood ? "" : outcome.line,
      ...describe(facts, nowMs),
      serves: servesWhom(settings, host, facts !== null && first === facts.label),
      ...(renewals.get(file) ?? NO_RENEWAL),
    };
  });
  if (!settings.tls.self_signed) return files;
  const own = namedCertificates(settings, sources).at(-1)!;
  const whom =
    first === own.label ? "its names, and those without a certificate" : "its names, where no other has them";
  const named = { ...describe(null, nowMs), names: own.names, issuer: "saker's own authority", key: "ECDSA P-256" };
  const state = "issued when a server starts, and anew before it ends";
  return [
    ...files,
    {
      file: own.label,
      key_file: null,
      place: places.of(own.because),
      problem: "",
      ...named,
      state,
      serves: whom,
      ...NO_RENEWAL,
    },
  ];
}

function servesWhom({ virtual_host }: Settings, host: number | null, isDefault: boolean): string {
  if (host !== null) return `the virtual host "${virtual_host[host]!.names[0]}"`;
  return isDefault ? "its names, and those without a certificate" : "its names";
}

type Described = Pick<Listed, "names" | "issuer" | "key" | "not_before" | "not_after" | "state">;

function describe(facts: PairFacts | null, nowMs: number): Described {
  if (facts === null) return { names: [], issuer: "", key: "", not_before: "", not_after: "", state: "" };
  const { names, issuer, keyText, notBeforeMs, notAfterMs } = facts;
  const days = Math.floor((notAfterMs - nowMs) / DAY_MS);
  const state = { good: "valid", soon: "ends soon", expired: "expired", "not yet": "not valid yet" }[
    validityOf(facts, nowMs)
  ];
  return {
    names,
    issuer,
    key: keyText,
    not_before: dayOf(notBeforeMs),
    not_after: dayOf(notAfterMs),
    state: days >= 0 ? `${state}, ${days} days left` : state,
  };
}

function textOf(listed: readonly Listed[]): string {
  if (listed.length === 0) return "no certificates: there is no HTTPS in this configuration\n";
  return `${listed.map(blockOf).join("\n\n")}\n`;
}

function blockOf({
  file,
  key_file,
  place,
  problem,
  names,
  issuer,
  key,
  not_before,
  not_after,
  state,
  serves,
  renewal,
  trouble,
}: Listed): string {
  const rows: [string, string][] = [
    ["key file", key_file ?? ""],
    ["set in", place],
    ["problem", problem],
    ["names", names.join(", ")],
    ["issuer", issuer],
    ["key", key],
    ["valid", not_after === "" ? state : `${not_before} to ${not_after} (${state})`],
    ["serves", problem === "" && not_after + state !== "" ? serves : ""],
    ["renewal", renewal],
    ["trouble", trouble],
  ];
  return [file, ...rows.filter(([, text]) => text !== "").map(([name, text]) => `  ${name.padEnd(8)}  ${text}`)].join(
    "\n",
  );
}
