/**
 * `saker health`: asks the running server for its health. For containers without a shell.
 *
 * In:    the same configuration as the server (file, variables, flags), `--timeout SECONDS`.
 * Out:   exit code 0 when the server says it is healthy, 1 in every other case, with one line that says why.
 * Units: the timeout is seconds; the answer is read up to ANSWER_OCTETS_MAX.
 * Keeps: speaks HTTP over a socket of its own: `fetch` would obey HTTP_PROXY, and ask a proxy about 127.0.0.1.
 */
import { connect } from "node:net";
import { LOCAL_HEADER } from "../address/proxy-header.ts";
import {
  EVERY_ADDRESS,
  EVERY_IPV4_ADDRESS,
  formatHostPort,
  listenAddressesOf,
  parseHostPort,
} from "../config/host-port.ts";
import { loadConfiguration } from "../config/load-settings.ts";
import type { Settings } from "../config/settings.ts";
import { CommandError, ExitCode, type Invocation } from "./command.ts";
import { print, printError } from "./output.ts";

const TIMEOUT_SECONDS_DEFAULT = 3;
const ANSWER_OCTETS_MAX = 65_536;

export async function run(invocation: Invocation): Promise<number> {
  try {
    await print(`${await askHealth(invocation)}\n`);
    return ExitCode.Good;
  } catch (error) {
    // A container runtime knows two answers: 0 and 1. A wrong configuration must not add a third.
    await printError((error as Error).message);
    return ExitCode.Failure;
  }
}

async function askHealth(invocation: Invocation): Promise<string> {
  const configuration = loadConfiguration({ ...invocation, takesFolder: false });
  const seconds = timeoutOf(configuration.arguments.flags.get("--timeout"));
  const target = healthTarget(configuration.settings);
  if (target.port === 0)
    throw configuration.errorAt("port", "port is 0, so the server chose one: name it with --port NUMBER");
  const url = `http://${formatHostPort(target.host, target.port)}${target.path}`;
  const answer = await get(target, url, seconds);
  return judge(answer, url);
}

function timeoutOf(text: string | undefined): number {
  if (text === undefined) return TIMEOUT_SECONDS_DEFAULT;
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 3600) return seconds;
  throw new CommandError(`--timeout: timeout must be a number between 0 and 3600, not "${text}"`);
}

export interface HealthTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Whether connections begin with a PROXY protocol header. */
  readonly hasHeader: boolean;
}

/** Where /health is, seen from this machine. */
export function healthTarget(settings: Settings): HealthTarget {
  const { host, port, admin_listen, admin_prefix, proxy_protocol } = settings;
  const own = admin_listen === null ? null : parseHostPort(admin_listen);
  return {
    host: loopbackFor(own?.host || host),
    port: own?.port ?? port,
    path: `${admin_prefix}/health`,
    hasHeader: proxy_protocol && own === null,
  };
}

/** A server that listens on every address, or on both loopback ones, answers on the one that every system has. */
function loopbackFor(host: string): string {
  const [address = host] = listenAddressesOf(host) ?? [];
  return address === EVERY_ADDRESS || address === EVERY_IPV4_ADDRESS ? "127.0.0.1" : address;
}

/** Everything the server sends for one GET, up to the limit. */
function get({ host, port, path, hasHeader }: HealthTarget, url: string, seconds: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let answer = "";
  const socket = connect({ host, port });
  const giveUp = (reason: string): void => reject(new CommandError(`${url} ${reason}`));
  const timer = setTimeout(() => giveUp(`did not answer within ${seconds} s`), seconds * 1000);
  socket.setEncoding("utf8");
  socket.on("connect", () => {
    if (hasHeader) socket.write(LOCAL_HEADER);
    const authority = formatHostPort(host, port);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\nUser-Agent: saker-health\r\n\r\n`);
  });
  socket.on("data", (text: string) => {
    answer += text;
    if (answer.length > ANSWER_OCTETS_MAX) giveUp("sent an answer that is too long");
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    giveUp(error.code === "ECONNREFUSED" ? "refuses connections: is the server running?" : `failed: ${error.message}`);
  });
  socket.on("close", () => resolve(answer));
  return promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}

/** One line about a healthy server; throws about any other. */
export function judge(answer: string, url: string): string {
  const status = /^HTTP\/1\.[01] (\d{3}) /.exec(answer)?.[1];
  if (status === undefined) throw new CommandError(`${url} gave no HTTP response`);
  const content = answer.slice(answer.indexOf("\r\n\r\n") + 4);
  const report = /\{[^]*\}/.exec(content)?.[0]; // chunk sizes, if any, surround it
  let state = "";
  try {
    state = String((JSON.parse(report ?? "{}") as { status?: unknown }).status ?? "");
  } catch {
    state = ""; // not JSON: the status code decides
  }
  if (status === "200" && state === "healthy") return `healthy: ${url}`;
  throw new CommandError(`${url} answered ${status}${state === "" ? "; is it a saker server?" : ` (${state})`}`);
}
