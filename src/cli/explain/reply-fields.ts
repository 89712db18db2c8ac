/**
 * The field lines of a reply, as they are sent at this moment.
 *
 * In:    a reply of the site. Out: names and values in order, with the dates of now.
 */
import { formatHttpDate } from "../../http/http-date.ts";
import type { Reply } from "../../http/reply.ts";

export type SentField = readonly [name: string, value: string];

export function fieldsOf({ head, lines }: Reply): SentField[] {
  const nowMs = Date.now();
  return [...head.fields, ...(lines?.fields ?? [])].map(([name, value, secondsLater = 0]): SentField => {
    return [name, value ?? formatHttpDate(nowMs + secondsLater * 1000)];
  });
}

export function valueOf(fields: readonly SentField[], name: string): string | null {
  return fields.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1] ?? null;
}
