/** Whether the field lines of a response are what HTTP/2 allows (RFC 9113 §8.2, §8.3.2), as a sentence or null. */
import type { FieldLine } from "./hpack/decoder.ts";

const CONNECTION_SPECIFIC = ["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade", "te"];
const LOWER_CASE_TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

export function findFieldBreach(lines: readonly FieldLine[], isTrailer: boolean): string | null {
  let regular = 0;
  const statuses = lines.filter(([name]) => name === ":status");
  for (const [name, value] of lines) {
    if (/[\0\r\n]/.test(value) || /^[ \t]|[ \t]$/.test(value)) return `${name} has the value ${JSON.stringify(value)}`;
    if (name.startsWith(":")) {
      if (name !== ":status") return `the pseudo-header field ${name} in a response`;
      if (regular > 0) return ":status after a regular field";
      continue;
    }
    regular++;
    if (!LOWER_CASE_TOKEN.test(name)) return `the field name ${JSON.stringify(name)}`;
    if (CONNECTION_SPECIFIC.includes(name)) return `the connection-specific field ${name}`;
  }
  if (isTrailer) return statuses.length > 0 ? ":status in a trailer section" : null;
  if (statuses.length !== 1) return `${statuses.length} :status`;
  return /^[1-5]\d\d$/.test(statuses[0]![1]) ? null : `:status ${statuses[0]![1]}`;
}
