/**
 * `saker health`: asks the running server for its health. For containers without a shell.
 *
 * In:    the same configuration as the server (file, variables, flags), `--timeout SECONDS`, `--url URL`.
 * Out:   exit code 0 when the server says it is healthy, 1 in every other case, with one line that says why. Where plain HTTP has no
 *        answer, HTTPS is asked.
 * Units: the timeout is seconds; the answer is read up to ANSWER_OCTETS_MAX.
 * Keeps: speaks HTTP over a socket of its own: `fetch` would obey HTTP_PROXY, and ask a proxy about 127.0.0.1.
 */
import { connect, isIP, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { LOCAL_HEADER } from "../address/proxy-header.ts";
import { formatHostPort } from "../config/host-port.ts";
import { loadConfiguration } from "../config/load-settings.ts";
import { CommandError, ExitCode, type Invocation } from "./command.ts";
import { type HealthTarget, healthTargets, targetOfUrl, urlOf } from "./health-target.ts";
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
  const { settings } = configuration;
  const given = configuration.arguments.flags.get("--url");
  const targets = given === undefined ? healthTargets(settings) : [targetOfUrl(given, settings)];
  if (targets.length === 0)
    throw configuration.errorAt("port", "port is 0, so the server chose one: name it with --port NUMBER");
  return await askOneOf(targets, seconds);
}

/** The first that has an answer counts, well or not. One that leaves its client waiting is no reason to ask elsewhere. */
async function askOneOf(targets: readonly HealthTarget[], seconds: number): Promise<string> {
  const timeout = AbortSignal.timeout(seconds * 1000);
  let failure: Error | null = null;
  for (const target of targets) {
    const url = urlOf(target);
    try {
      return judge(await get(target, url, seconds, timeout), url);
    } catch (error) {
      if (error instanceof Unwell) throw error;
      failure ??= error as Error;
      if (timeout.aborted) break;
    }
  }
  throw failure!;
}

/** A server of saker's says so. */
class Unwell extends CommandError {}

function timeoutOf(text: string | undefined): number {
  if (text === undefined) return TIMEOUT_SECONDS_DEFAULT;
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 3600) return seconds;
  throw new CommandError(`--timeout: timeout must be a number between 0 and 3600, not "${text}"`);
}

/** Everything the server sends for one GET, up to the limit, within the timeout, which is `seconds` long. */
function get(target: HealthTarget, url: string, seconds: number, timeout: AbortSignal): Promise<string> {
  const { host, port, path } = target;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let answer = "";
  const giveUp = (reason: string): void => reject(new CommandError(`${url} ${reason}`));
  const giveUpWaiting = (): void => giveUp(`did not answer within ${seconds} s`);
  timeout.addEventListener("abort", giveUpWaiting);
  const ask = (socket: Socket): void => {
    const authority = formatHostPort(host, port);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\nUser-Agent: saker-health\r\n\r\n`);
  };
  const listen = (socket: Socket): void => {
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      answer += text;
      if (answer.length > ANSWER_OCTETS_MAX) giveUp("sent an answer that is too long");
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      giveUp(
        error.code === "ECONNREFUSED" ? "refuses connections: is the server running?" : `failed: ${error.message}`,
      );
    });
    socket.on("close", () => resolve(answer));
  };
  const socket = open(target, listen, ask);
  return promise.finally(() => {
    timeout.removeEventListener("abort", giveUpWaiting);
    socket.destroy();
  });
}

/** Connects; calls `listen` with what speaks HTTP, and `ask` once it may. */
function open(
  { host, port, isSecure, isVerified, hasHeader }: HealthTarget,
  listen: (socket: Socket) => void,
  ask: (socket: Socket) => void,
): Socket {
  const socket = connect({ host, port });
  if (!isSecure) listen(socket);
  else socket.on("error", () => {}); // which the one above it reports
  socket.on("connect", () => {
    if (hasHeader) socket.write(LOCAL_HEADER);
    if (!isSecure) ask(socket);
  });
  if (!isSecure) return socket;
  const secured = connectSecurely({
    socket,
    rejectUnauthorized: isVerified,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ALPNProtocols: ["http/1.1"],
  });
  listen(secured);
  secured.on("secureConnect", () => ask(secured));
  return secured;
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
  if (state !== "") throw new Unwell(`${url} answered ${status} (${state})`);
  throw new CommandError(`${url} answered ${status}; is it a saker server?`);
}
