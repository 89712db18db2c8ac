/**
 * Values of settings: from TOML or from text to the type the table asks for.
 *
 * In:    a row of the table and a source's value: a TOML value, or the text of a flag or variable.
 * Out:   the value, or what is wrong with it as the end of a sentence that begins with the setting's name.
 * Units: numbers stay in the unit of the setting's name.
 * Keeps: pure; text goes through the same check as a TOML value, so both accept exactly the same values.
 */
import { resolve } from "node:path";
import { showValue } from "./config-error.ts";
import type { Setting } from "./setting.ts";

/** `item` is the index of the list's item at fault, or its name in a map; −1 when it is the whole value. `isName`: it is
 * the name itself. */
export type Checked =
  | { readonly isGood: true; readonly value: unknown }
  | { readonly isGood: false; readonly problem: string; readonly item: number | string; readonly isName?: boolean };

const good = (value: unknown): Checked => ({ isGood: true, value });

/**
 * Checks a TOML value. Relative paths become absolute, taken from `folder`.
 * The problem reads `port must be an integer between 0 and 65535, not "abc"`.
 */
export function checkValue(name: string, setting: Setting<unknown>, value: unknown, folder: string): Checked {
  switch (setting.type) {
    case "integer":
    case "number":
      return checkNumber(name, setting, value);
    case "boolean":
      return typeof value === "boolean" ? good(value) : bad(name, setting, value);
    case "choice":
      return setting.choices!.includes(value as string | number | boolean) ? good(value) : bad(name, setting, value);
    case "list":
      return checkList(name, setting, value);
    case "map":
      return checkMap(name, setting, value);
    case "log":
      if (value === "-" || (value === false && setting.canBeOff === true)) return good(value);
      return checkPath(name, setting, value, folder);
    case "path":
      return checkPath(name, setting, value, folder);
    case "string":
      return checkString(name, setting, value);
  }
}

/** Reads the text of a flag or variable as the type of the setting, and checks it. */
export function checkText(name: string, setting: Setting<unknown>, text: string, folder: string): Checked {
  return checkValue(name, setting, valueOfText(setting, text), folder);
}

/** What text means for a type; the text itself if it means nothing, so that errors show it as written. */
function valueOfText(setting: Setting<unknown>, text: string): unknown {
  switch (setting.type) {
    case "integer":
      return /^[+-]?\d+(_\d+)*$/.test(text) ? Number(text.replaceAll("_", "")) : text;
    case "number":
      return /^[+-]?(\d+(\.\d+)?|\.\d+)$/.test(text) ? Number(text) : text;
    case "boolean":
      return BOOLEAN_WORDS[text.toLowerCase()] ?? text;
    case "log":
      return setting.canBeOff === true && BOOLEAN_WORDS[text.toLowerCase()] === false ? false : text;
    case "choice":
      return setting.choices!.find((choice) => String(choice) === text) ?? text;
    case "list":
      return text === "" ? [] : text.split(",").map((item) => item.trim());
    case "map":
      return mapOfText(text);
    default:
      return text;
  }
}

/** `a=b,c=d`; if any part lacks `=`, the text is returned unchanged, for the error message. */
function mapOfText(text: string): unknown {
  const pairs = text === "" ? [] : text.split(",").map((part) => /^\s*([^=]*?)\s*=\s*(.*?)\s*$/.exec(part));
  if (pairs.includes(null)) return text;
  return Object.fromEntries(pairs.map((pair) => [pair![1]!, pair![2]!]));
}

const BOOLEAN_WORDS: Readonly<Record<string, boolean>> = Object.assign(Object.create(null), {
  true: true,
  yes: true,
  on: true,
  "1": true,
  false: false,
  no: false,
  off: false,
  "0": false,
});

function checkNumber(name: string, setting: Setting<unknown>, value: unknown): Checked {
  if (setting.word !== undefined && value === setting.word) return good(value);
  const isGood =
    typeof value === "number" &&
    Number.isFinite(value) &&
    (setting.type === "number" || Number.isInteger(value)) &&
    value >= (setting.minimum ?? -Infinity) &&
    value <= (setting.maximum ?? Infinity);
  // -0 and 0 are the same setting.
  return isGood ? good(value === 0 ? 0 : value) : bad(name, setting, value);
}

function checkString(name: string, setting: Setting<unknown>, value: unknown): Checked {
  if (typeof value !== "string" || value.includes("\0")) return bad(name, setting, value);
  if (value === "" && setting.optional === true) return good(null);
  return setting.hasForm?.(value) === false ? bad(name, setting, value) : good(value);
}

function checkPath(name: string, setting: Setting<unknown>, value: unknown, folder: string): Checked {
  if (typeof value !== "string" || value.includes("\0")) return bad(name, setting, value);
  if (value === "") return setting.optional === true ? good(null) : bad(name, setting, value);
  return good(resolve(folder, value));
}

function checkList(name: string, setting: Setting<unknown>, value: unknown): Checked {
  if (!Array.isArray(value)) return bad(name, setting, value);
  for (const [item, text] of value.entries()) {
    if (typeof text !== "string" || setting.hasForm?.(text) === false) {
      return mustBe(`each item of ${name}`, setting.form ?? "a string", shown(setting, text), item);
    }
  }
  return good(Object.freeze([...value]));
}

function checkMap(name: string, setting: Setting<unknown>, value: unknown): Checked {
  if (!isTable(value)) return bad(name, setting, value);
  for (const [key, text] of Object.entries(value)) {
    if (setting.hasNameForm?.(key) === false) {
      return { ...mustBe(`each key of ${name}`, setting.nameForm!, key, key), isName: true };
    }
    const isList = setting.hasLists === true && Array.isArray(text) && text.length > 0;
    const wrong = (isList ? text : [text]).find(
      (item) => typeof item !== "string" || setting.hasForm?.(item) === false,
    );
    if (wrong !== undefined) return mustBe(`${key} in ${name}`, valueForm(setting), shown(setting, wrong), key);
  }
  return good(Object.freeze({ ...value }));
}

/** What a value in a map must be, in words. */
function valueForm({ form = "a string", hasLists }: Setting<unknown>): string {
  return hasLists === true ? `${form}, or a list of such texts` : form;
}

/** True for a TOML table; dates and times are objects too, of classes of their own. */
export function isTable(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What an error may show of a value. */
function shown(setting: Setting<unknown>, value: unknown): unknown {
  return setting.secret === true ? SECRET : value;
}

/** Stands for a value that must not be shown. */
const SECRET = Symbol("the given value");

/** The problem with a value of the wrong type or out of range. */
function bad(name: string, setting: Setting<unknown>, value: unknown): Checked {
  // `port = "8080"` is a mistake worth its own hint.
  const isQuoted = typeof value === "string" && /^(integer|number|boolean|choice)$/.test(setting.type);
  const meant = isQuoted ? valueOfText(setting, value) : value;
  const isOnlyQuoted = typeof meant !== typeof value && checkValue(name, setting, meant, "/").isGood;
  return mustBe(
    name,
    describeType(setting),
    shown(setting, value),
    -1,
    isOnlyQuoted ? `; write ${String(meant)} without quotes` : "",
  );
}

function mustBe(
  name: string,
  wanted: string,
  value: unknown,
  item: number | string = -1,
  hint = "",
): Checked & { isGood: false } {
  const seen = value === SECRET ? SECRET.description! : showValue(value);
  return { isGood: false, problem: `${name} must be ${wanted}, not ${seen}${hint}`, item };
}

/** What a value must be, in words: "an integer between 0 and 65535". Errors, help and documents use it. */
export function describeType(setting: Setting<unknown>): string {
  switch (setting.type) {
    case "integer":
    case "number": {
      const kind = setting.type === "integer" ? "an integer" : "a number";
      const words = `${kind} between ${setting.minimum} and ${setting.maximum}`;
      return setting.word === undefined ? words : `"${setting.word}" or ${words}`;
    }
    case "boolean":
      return "true or false";
    case "choice":
      return oneOf(setting.choices!);
    case "list":
      return `a list, each item ${setting.form ?? "a string"}`;
    case "map":
      return `a table: each key ${setting.nameForm ?? "a string"}, each value ${valueForm(setting)}`;
    case "log":
      return setting.canBeOff === true ? '"-", a file or false' : '"-" or a file';
    case "path":
      return "a path";
    case "string":
      return setting.form ?? "a string";
  }
}

/** `"a", "b" or "c"` */
function oneOf(choices: readonly (string | number | boolean)[]): string {
  const quoted = choices.map((name) => JSON.stringify(name));
  return [quoted.slice(0, -1).join(", "), quoted.at(-1)].filter((part) => part !== "").join(" or ");
}
