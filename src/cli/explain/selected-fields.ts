/**
 * The fields of the representation that preconditions and Range of a request are about.
 *
 * In:    the site, a request, and its answer.
 * Out:   the fields of a 200 with that representation: what the same request gets without conditions; or, where ranges are cut from
 *        the file itself (site/represent/range-selection.ts), without Accept-Encoding.
 */
import { Field } from "../../http/field.ts";
import { namesAnother } from "../../site/represent/range-selection.ts";
import type { AskableSite, SiteAnswer } from "./ask-site.ts";
import { fieldsOf, type SentField, valueOf } from "./reply-fields.ts";
import { requestOf, type SyntheticRequest } from "./synthetic-request.ts";

const CONDITIONS = /^(?:if-(?:match|none-match|modified-since|unmodified-since|range)|range)$/i;
const CONDITIONS_AND_CODINGS = new RegExp(`${CONDITIONS.source}|^accept-encoding$`, "i");

/** `sent`: the fields of the answer. */
export async function fieldsOfSelected(
  site: AskableSite,
  request: SyntheticRequest,
  { failure, head }: SiteAnswer,
  sent: readonly SentField[],
): Promise<readonly SentField[]> {
  const without = (names: RegExp) => ({ ...request, fields: request.fields.filter(([name]) => !names.test(name)) });
  const unconditional = without(CONDITIONS);
  if (failure !== null || unconditional.fields.length === request.fields.length) return sent;
  const whole = await fieldsOfAnswer(site, unconditional);
  if (!head.has(Field.Range)) return whole;
  const plain = await fieldsOfAnswer(site, without(CONDITIONS_AND_CODINGS));
  const tag = valueOf(sent, "ETag");
  const plainTag = valueOf(plain, "ETag") ?? "";
  const isPlain = tag === null ? !namesAnother(head, Buffer.from(plainTag, "latin1")) : tag === plainTag;
  return isPlain ? plain : whole;
}

async function fieldsOfAnswer(site: AskableSite, { method, target, fields }: SyntheticRequest): Promise<SentField[]> {
  const lines = fields.map(([name, value]) => `${name}: ${value}`);
  const { reply } = await site.ask(requestOf(method, target, lines).octets);
  return reply === null ? [] : fieldsOf(reply);
}
