/**
 * saker itself: one worker, access log off, everything else as it comes.
 *
 * Measures dist/saker when it is there, the source otherwise (or when asked to, or another executable, to compare two builds).
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Contender, Site } from "../contender.ts";

const PROJECT = join(import.meta.dir, "..", "..", "..");

export interface SakerChoice {
  source: boolean;
  /** An executable; "" means dist/saker. */
  executable: string;
}

/** The words that start saker: an executable, or bun and the entry point; null when neither is there. */
export function sakerCommand({ source, executable }: SakerChoice): string[] | null {
  const binary = executable === "" ? join(PROJECT, "dist", "saker") : executable;
  const entry = join(PROJECT, "src", "main.ts");
  if (!source && existsSync(binary)) return [binary];
  if (executable !== "" && !source) return null;
  return existsSync(entry) ? [process.execPath, entry] : null;
}

export function sakerFrom(choice: SakerChoice): Contender {
  return sakerNamed("saker", choice, "");
}

/** The same with fields for every response: security_headers, Cache-Control, Expires. They are octets to send, some 400. */
export function sakerWithFields(choice: SakerChoice): Contender {
  return sakerNamed("saker-fields", choice, FIELDS);
}

/** With these fields, and with rules of every kind for other paths and hosts. */
export function sakerWithRules(choice: SakerChoice): Contender {
  return sakerNamed("saker-rules", choice, FIELDS + RULES);
}

const FIELDS = `security_headers = true
[[cache]]
path = "/*"
cache_control = "public, max-age=60"
expires = true
`;

const RULES_COUNT = 1000;

const RULES: string = Array.from(
  { length: RULES_COUNT },
  (_, index) =>
    `[[redirect]]\nfrom = "/old-${index}/*"\nto = "/new/:splat"\n` +
    `[[header]]\npath = "/fields-${index}/*"\nset = { X-A = "b" }\n` +
    `[[virtual_host]]\nnames = ["h${index}.example", "*.w${index}.example"]\n`,
).join("");

/** Where TLS is measured the plain port is another, free one. */
function plainPort({ port, listener }: Site): number {
  return listener === "https" ? 0 : port;
}

function listenerTables({ port, listener, certificate }: Site): string {
  if (listener === "h2c") return "[http2]\ncleartext = true\n";
  if (certificate === null) return "";
  const files = `certificate = ${JSON.stringify(certificate.certificate)}\nkey = ${JSON.stringify(certificate.key)}`;
  return `[tls]\nport = ${port}\n${files}\n`;
}

function sakerNamed(name: string, choice: SakerChoice, configuration: string): Contender {
  return {
    name,
    group: "saker",
    title: name,
    version() {
      const command = sakerCommand(choice);
      if (command === null) return null;
      const { stdout, exitCode } = Bun.spawnSync([...command, "version"], { timeout: 5000 });
      const version = exitCode === 0 ? stdout.toString().split("\n")[0]!.trim() : "version unknown";
      return `${version} (${command.length === 1 ? "executable" : "source"})`;
    },
    launch(site) {
      const { folder, root } = site;
      const flags = ["--host", "127.0.0.1", "--port", String(plainPort(site)), "--num-workers", "1", "--no-access-log"];
      const text = configuration + listenerTables(site);
      const file = join(folder, "saker.toml");
      if (text !== "") writeFileSync(file, text);
      return { command: [...sakerCommand(choice)!, root, ...flags, ...(text === "" ? [] : ["--config", file])] };
    },
  };
}
