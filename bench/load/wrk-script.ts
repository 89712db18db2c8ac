/**
 * The Lua script wrk runs: sends exactly our octets, and reports exact numbers at the end.
 *
 * In:    requests as latin1 text, octet by octet what goes on the wire; one, or a sequence to be sent round and round.
 * Out:   the script's text.
 * Keeps: pure. With one request wrk stays in its static mode and calls no Lua per request: we replace wrk.format(), which
 *        wrk asks once for the request (16 concatenated ones work too: wrk counts them and awaits as many responses). A sequence
 *        costs one Lua call per request, an index step and a table read.
 * Source: wrk's SCRIPTING file and src/wrk.lua (version 4).
 */
import { RESULT_FIELDS, RESULT_MARK } from "./wrk-output.ts";

/** A Lua string literal of the octets of `text` (latin1). */
export function luaString(text: string): string {
  const octets = Buffer.from(text, "latin1");
  let literal = '"';
  for (const octet of octets) {
    const plain = octet >= 0x20 && octet < 0x7f && octet !== 0x22 && octet !== 0x5c;
    literal += plain ? String.fromCharCode(octet) : `\\${String(octet).padStart(3, "0")}`;
  }
  return `${literal}"`;
}

const EXPRESSIONS: Readonly<Record<(typeof RESULT_FIELDS)[number], string>> = {
  responses: "summary.requests",
  octets: "summary.bytes",
  microseconds: "summary.duration",
  p50Microseconds: "latency:percentile(50)",
  p99Microseconds: "latency:percentile(99)",
  maxMicroseconds: "latency.max",
  connectErrors: "summary.errors.connect",
  readErrors: "summary.errors.read",
  writeErrors: "summary.errors.write",
  timeouts: "summary.errors.timeout",
  statusErrors: "summary.errors.status",
};

function doneFunction(): string {
  const values = RESULT_FIELDS.map((field) => EXPRESSIONS[field]).join(", ");
  const format = `${RESULT_MARK}${RESULT_FIELDS.map(() => "%d").join(" ")}\\n`;
  return `function done(summary, latency, requests)\n  io.write(string.format("${format}", ${values}))\nend\n`;
}

/** One request (or one pipeline of them), again and again. */
export function repeatScript(request: string): string {
  return `local request = ${luaString(request)}\nfunction wrk.format() return request end\n${doneFunction()}`;
}

/** The requests of `sequence` (indexes into `requests`) in order, from the start again after the last. */
export function sequenceScript(requests: readonly string[], sequence: readonly number[]): string {
  return [
    `local distinct = {${requests.map(luaString).join(",\n")}}`,
    `local sequence = {${sequence.map((index) => index + 1).join(",")}}`,
    `local count, at, list = #sequence, 0, {}`,
    `for index = 1, count do list[index] = distinct[sequence[index]] end`,
    `function request()`,
    `  at = at + 1`,
    `  if at > count then at = 1 end`,
    `  return list[at]`,
    `end`,
    doneFunction(),
  ].join("\n");
}
