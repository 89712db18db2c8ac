/**
 * Proactive negotiation of a media type (RFC 9110 §12.1, §12.5.1).
 *
 *     Accept      = [ ( media-range [ weight ] ) *( OWS "," OWS ( media-range [ weight ] ) ) ]
 *     media-range = ( "*" "/" "*" ) / ( type "/" "*" ) / ( type "/" subtype ) parameters
 *     weight      = OWS ";" OWS "q=" qvalue
 *
 * In:    the value of Accept (its lines joined), and media types on offer without parameters, in lower case.
 * Out:   how much the client wants each of them, or which of two it would rather have.
 * Departs from RFC 9110 §12.5.1: a range with parameters ("application/json;odata=verbose") also stands for the type without any,
 *        if nothing else names it: a client that asks so plainly can read it.
 * Keeps: for cold paths: it makes strings. Linear in the octets. What is not a media-range is skipped.
 */

/** How much a client wants a type, and how plainly it said so. */
export interface Wish {
  /** 0 to 1; 0 = not at all. */
  readonly quality: number;
  /** 4 = by name, 3 = by name with parameters, 2 = "type/*", 1 = "*\/*", 0 = not mentioned. */
  readonly specificity: number;
}

const UNMENTIONED: Wish = { quality: 0, specificity: 0 };

const WEIGHT = /^\s*q\s*=/i;

/** weight of RFC 9110 §12.4.2; an invalid weight counts as 0, so that no client gets what it may have refused. */
const QVALUE = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/**
 * Whether `accept` (null = no such field) asks for `type` rather than for `usual`. With equal weights the one that is named more
 * plainly wins ("application/json, *\/*" asks for JSON); with nothing to tell them apart, `usual`.
 */
export function prefersMediaType(accept: string | null, type: string, usual: string): boolean {
  if (accept === null || accept === "") return false;
  const [wish, other] = wishesFor(accept, [type, usual]) as [Wish, Wish];
  if (wish.quality !== other.quality) return wish.quality > other.quality;
  return wish.quality > 0 && wish.specificity > other.specificity;
}

/** Whether `type`, by its name, is what `accept` asks for before anything else: none weighs more, and none as much is named earlier. */
export function asksFirstFor(accept: string | null, type: string): boolean {
  let best = "";
  let bestWeight = 0;
  for (const range of splitOutsideQuotes(accept ?? "", ",")) {
    const [name, ...parameters] = splitOutsideQuotes(range, ";");
    const weight = weightOf(parameters);
    if (weight > bestWeight) [best, bestWeight] = [name!.trim().toLowerCase(), weight];
  }
  return best === type;
}

/** What `accept` says of each type. */
export function wishesFor(accept: string, types: readonly string[]): Wish[] {
  const ranges = splitOutsideQuotes(accept, ",");
  return types.map((type) => wishFor(type, ranges));
}

/** The most specific range that matches decides (§12.5.1), the first of equals. */
function wishFor(type: string, ranges: readonly string[]): Wish {
  let wish = UNMENTIONED;
  for (const range of ranges) {
    const [name, ...parameters] = splitOutsideQuotes(range, ";");
    const specificity = specificityOf(name!.trim().toLowerCase(), type, parameters);
    if (specificity > wish.specificity) wish = { quality: weightOf(parameters), specificity };
  }
  return wish;
}

function specificityOf(range: string, type: string, parameters: readonly string[]): number {
  if (range === type) return parameters.every((parameter) => WEIGHT.test(parameter)) ? 4 : 3;
  if (range === `${type.slice(0, type.indexOf("/"))}/*`) return 2;
  return range === "*/*" ? 1 : 0;
}

function weightOf(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => WEIGHT.test(parameter));
  if (weight === undefined) return 1;
  const value = weight.slice(weight.indexOf("=") + 1).trim();
  return QVALUE.test(value) ? Number(value) : 0;
}

/** Splits at a separator that no quoted-string (RFC 9110 §5.6.4) contains. */
function splitOutsideQuotes(text: string, separator: string): string[] {
  if (!text.includes('"')) return text.split(separator);
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (isQuoted && character === "\\") index++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}
