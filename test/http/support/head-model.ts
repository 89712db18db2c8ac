/**
 * A request parser that is slow and obvious: strings, regular expressions, one line at a time.
 *
 * It is the definition that the real parser is held against in property tests. It says whether the text begins with a
 * valid head, and what is in it; of what is wrong with an invalid one it knows only that it is wrong.
 * Source: RFC 9112 §2–§6, with saker's limits and its stricter choices.
 */
import { isIPv6 } from "node:net";
import type { Limits } from "../../../src/http/limits.ts";

export interface HeadModel {
  octets: number;
  method: string;
  target: string;
  path: string;
  query: string | null;
  authority: string | null;
  minorVersion: number;
  fields: [name: string, value: string][];
  persistent: boolean;
  framing: "None" | "Length" | "Chunked";
  contentOctets: number;
}

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}) ([\x21-\x22\x24-\x7e\x80-\xff]+) HTTP\/(\d)\.(\d)$/;
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;
const HOST = /^(?:((?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)|\[[0-9A-Fa-f:.]{2,45}\])(?::(\d*))?$/;
const ORIGIN_FORM = /^()(\/[^\x00-\x20#?\\\x7f]*)(?:\?([^\x00-\x20#\x7f]*))?$/;
const ABSOLUTE_FORM = /^https?:\/\/([^/?]*)((?:\/[A-Za-z0-9\-._~!$&'()*+,;=:@/%[\]]*)?)(?:\?([\x21\x22\x24-\x7e]*))?$/i;

/** The head that `text` begins with; null if it is not whole; "invalid". */
export function modelHead(text: string, limits: Limits): HeadModel | null | "invalid" {
  const skipped = /^(?:\r\n){0,4}/.exec(text)![0].length;
  const lines: string[] = [];
  let at = skipped;
  for (;;) {
    const lf = text.indexOf("\n", at);
    if (lf < 0 || lf >= limits.headOctetsMax) return modelUnfinished(text, skipped, lines.length, limits);
    const line = text.slice(at, lf + 1);
    if (!line.endsWith("\r\n")) return "invalid";
    at = lf + 1;
    if (line === "\r\n" && lines.length > 0) break;
    lines.push(line.slice(0, -2));
    if (!isPlausible(lines, limits)) return "invalid";
  }
  return modelWhole(lines, at, limits);
}

/** No line end within the limits: wrong if there is no room left for one, or if no request-line begins so. */
function modelUnfinished(text: string, skipped: number, lineCount: number, limits: Limits): null | "invalid" {
  if (text.length >= limits.headOctetsMax) return "invalid";
  if (lineCount === 0 && /^[^!#$%&'*+\-.^_`|~0-9A-Za-z\r]/.test(text.slice(skipped))) return "invalid";
  const requestLineOctetsMax = 32 + limits.targetOctetsMax + " ".length + " HTTP/1.1\r\n".length;
  return lineCount === 0 && text.length - skipped >= requestLineOctetsMax ? "invalid" : null;
}

function isPlausible(lines: readonly string[], limits: Limits): boolean {
  if (lines.length === 1) return modelRequestLine(lines[0]!, limits) !== null;
  return lines.length - 1 <= limits.fieldCountMax && FIELD_LINE.test(lines.at(-1)!);
}

function modelRequestLine(line: string, limits: Limits) {
  const [, method = "", target = "", major, minor] = REQUEST_LINE.exec(line) ?? [];
  if (major !== "1" || target.length > limits.targetOctetsMax) return null;
  const parts = modelTarget(method, target);
  return parts && { method, target, minorVersion: Math.min(Number(minor), 1), ...parts };
}

function modelTarget(method: string, target: string) {
  if (method === "CONNECT") {
    const [, name, port] = HOST.exec(target) ?? [];
    return isHost(target) && name !== "" && port ? { authority: target, path: "", query: null } : null;
  }
  if (target === "*") return method === "OPTIONS" ? { authority: null, path: "", query: null } : null;
  const match = ORIGIN_FORM.exec(target) ?? ABSOLUTE_FORM.exec(target);
  if (match === null) return null;
  const [, authority = "", path = "", query = null] = match;
  if (target.startsWith("/")) return { authority: null, path, query };
  if (!isHost(authority) || HOST.exec(authority)![1] === "") return null;
  return { authority, path, query };
}

function isHost(text: string): boolean {
  const match = HOST.exec(text);
  if (match === null || Number(match[2] ?? 0) > 65535) return false;
  const address = /^\[(.*)\]/.exec(text);
  return address === null || isIPv6(address[1]!);
}

function modelWhole(lines: readonly string[], octets: number, limits: Limits): HeadModel | "invalid" {
  const request = modelRequestLine(lines[0]!, limits)!;
  const fields = lines.slice(1).map((line): [string, string] => {
    const [, name = "", value = ""] = FIELD_LINE.exec(line)!;
    return [name, value];
  });
  const valuesOf = (name: string) => fields.filter((field) => field[0].toLowerCase() === name).map((field) => field[1]);

  const hosts = valuesOf("host");
  if (hosts.length > 1 || (hosts.length === 0 && request.minorVersion === 1)) return "invalid";
  if (hosts.length === 1 && !isHost(hosts[0]!)) return "invalid";
  const isOriginForm = request.target.startsWith("/");
  if (hosts.length === 1 && isOriginForm && HOST.exec(hosts[0]!)![1] === "") return "invalid";

  const lengths = valuesOf("content-length");
  const codings = valuesOf("transfer-encoding");
  if (lengths.length + codings.length > 1) return "invalid";
  if (lengths.length === 1 && !/^\d+$/.test(lengths[0]!)) return "invalid";
  if (lengths.length === 1 && BigInt(lengths[0]!) > BigInt(limits.contentOctetsMax)) return "invalid";
  if (codings.length === 1 && (codings[0]!.toLowerCase() !== "chunked" || request.minorVersion === 0)) return "invalid";
  const elementsOf = (name: string) =>
    valuesOf(name)
      .flatMap((value) => value.split(","))
      .map((element) => element.replace(/^[ \t]+|[ \t]+$/g, "").toLowerCase())
      .filter((element) => element !== "");
  if (elementsOf("expect").some((expectation) => expectation !== "100-continue")) return "invalid";

  const options = elementsOf("connection");
  const contentOctets = Number(lengths[0] ?? 0);
  return {
    octets,
    ...request,
    authority: request.authority ?? hosts[0] ?? null,
    fields,
    persistent: !options.includes("close") && (request.minorVersion === 1 || options.includes("keep-alive")),
    framing: codings.length === 1 ? "Chunked" : contentOctets > 0 ? "Length" : "None",
    contentOctets,
  };
}
