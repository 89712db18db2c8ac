/**
 * The request that `saker explain` asks about, as the octets a client would send.
 *
 * In:    a method; a URL, a path or `*`; field lines as `-H` gives them.
 * Out:   the head's octets, and what they were made of.
 * Keeps: the path goes out as it was written, dot segments and percent-encodings included: what they lead to is the
 *        question. Only what no client can send is encoded (spaces, controls), and what lies beyond ASCII, which means the same
 *        in either form; a fragment is left out.
 * Fails: CommandError (exit code 2) when this can't be sent as a request; everything else is left to the parser.
 */
import { CommandError, ExitCode } from "../command.ts";

export interface SyntheticRequest {
  /** That of the URL; null for a path alone. */
  readonly scheme: "http" | "https" | null;
  /** That of the URL, without port. */
  readonly host: string;
  readonly method: string;
  /** In origin-form (RFC 9112 §3.2.1), or `*`. */
  readonly target: string;
  /** Field lines in the order they are sent. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly octets: Buffer;
}

/** For a path alone. */
const USUAL_HOST = "localhost";

export function requestOf(method: string, url: string, lines: readonly string[]): SyntheticRequest {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method)) throw usage(`${JSON.stringify(method)} is no method such as GET`);
  const { scheme, authority, target } = splitUrl(url);
  const given = lines.map(splitLine);
  const hasHost = given.some(([name]) => name.toLowerCase() === "host");
  const fields = hasHost ? given : [["Host", authority] as const, ...given];
  const text = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const host = authority.replace(/^.*@|:\d*$/g, "");
  return {
    scheme,
    host,
    method,
    target,
    fields,
    octets: Buffer.from(`${method} ${target} HTTP/1.1\r\n${text}\r\n`, "utf8"),
  };
}

function splitUrl(url: string): Pick<SyntheticRequest, "scheme" | "target"> & { authority: string } {
  if (url === "*") return { scheme: null, authority: USUAL_HOST, target: "*" };
  const [, named, authority, written] = /^(?:(https?):\/\/([^/?#]*))?([^#]*)/is.exec(url)!;
  const scheme = named === undefined ? null : (named.toLowerCase() as "http" | "https");
  if (authority === undefined && !/^\//.test(url)) {
    throw usage(`${JSON.stringify(url)} is neither a path such as /about nor a URL such as http://example.com/about`);
  }
  if (authority === "") throw usage(`${JSON.stringify(url)} names no host`);
  const target = written!.startsWith("/") ? written! : `/${written}`;
  return { scheme, authority: authority ?? USUAL_HOST, target: encodeUnsendable(target) };
}

/** As browsers do before they send it (URL Standard, "path percent-encode set"). */
function encodeUnsendable(target: string): string {
  return target.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}

function splitLine(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(":");
  if (colon < 1 || /[\r\n]/.test(line))
    throw usage(`-H ${JSON.stringify(line)} is not a field line such as "Accept: text/html"`);
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

function usage(problem: string): CommandError {
  return new CommandError(`${problem}; "saker help explain" shows how to ask`, ExitCode.Usage);
}
