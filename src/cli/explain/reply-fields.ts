/**
 * The field lines of a reply, as the connection would send them.
 *
 * In:    a reply of the site. Out: names and values in order, with the dates of now.
 */
import type { Reply } from "../../http/reply.ts";
import { Clock } from "../../worker/clock.ts";

export type SentField = readonly [name: string, value: string];

export function fieldsOf(reply: Reply): SentField[] {
  new Clock().stamp(reply);
  const head = reply.octets.toString("latin1", 0, reply.headOctets);
  return head
    .split("\r\n")
    .slice(1)
    .filter((line) => line !== "")
    .map((line): SentField => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 2)];
    });
}

export function valueOf(fields: readonly SentField[], name: string): string | null {
  return fields.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1] ?? null;
}
