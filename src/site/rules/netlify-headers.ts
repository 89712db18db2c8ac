/**
 * `_headers`, as Netlify and Cloudflare Pages read it (docs.netlify.com, "Custom headers").
 *
 *     # comment
 *     /assets/*
 *       Cache-Control: public, max-age=3600
 *       ! X-Frame-Options
 *       Basic-Auth: name:password other:password
 *
 * In:    the file's text; whether responses carry request identifiers, which no line may set or leave out then.
 * Out:   header rules and password rules, in the order of the lines; a note for every line that is not obeyed; a fault for every
 *        line about a password that can't be: with one, the site must not be served by these rules.
 * Keeps: white space around a line means nothing: what begins with a slash is a path, and what follows is about it. A name given
 *        twice in a block has both values, in one field line, or for Set-Cookie in two (RFC 9110 §5.3). `Basic-Auth` is no field: it
 *        guards the block's path, is never sent, and never shown in a note.
 */
import { isFieldValue, isRemovableField, isRequestIdField, isSettableField } from "../../syntax/field-syntax.ts";
import { isPathPattern } from "../../syntax/path-syntax.ts";
import { becauseOfLine } from "./because.ts";
import { addValue, type FieldEdit } from "./field-edit.ts";
import type { AuthRule, Secret } from "./guard.ts";
import type { HeaderRule } from "./header-rule.ts";
import { isAboutPassword, isAllUsers, usersOf } from "./password-line.ts";
import { compileWildcardPattern } from "./path-pattern.ts";
import { decodePath, isDamaged, linesOf, quoteShort, type RuleLine } from "./rule-text.ts";

export const HEADERS_FILE = "_headers";

/** A longer value is a mistake: clients take heads of that size at most. */
const VALUE_LENGTH_MAX = 8192;

/** More fields in a block are a mistake, too. */
const FIELDS_MAX = 128;

const IS_REQUEST_ID = 'request_id = "send" sets X-Request-Id';
const isAboutRequestId = ({ name }: FieldEdit): boolean => isRequestIdField(name);

/** A line that is, or was meant to be, a path: what follows it is not about the one before. */
const PATH = /^(?:[/*]|[a-z]+:\/\/)|^[^\s:!/]*\/[^\s:]*$/i;

export interface NetlifyHeaders {
  readonly rules: readonly HeaderRule[];
  readonly guards: readonly AuthRule[];
  /** `_headers:3: …` */
  readonly notes: readonly string[];
  /** The same form. */
  readonly faults: readonly string[];
}

/** One path and the lines below it. */
interface Block {
  readonly path: string;
  /** The line that names it. */
  readonly head: RuleLine;
  edits: readonly FieldEdit[];
  readonly users: Map<string, Secret>;
  isEmpty: boolean;
}

export function parseNetlifyHeaders(text: string, sendsRequestIds = false): NetlifyHeaders {
  const reading = new Reading(sendsRequestIds);
  for (const line of linesOf(text)) {
    if (line.text !== "" && !line.text.startsWith("#")) reading.take(line);
  }
  return reading.result();
}

class Reading {
  private readonly blocks: Block[] = [];
  private readonly notes: string[] = [];
  private readonly faults: string[] = [];
  private block: Block | null = null;
  private isBelowBadPath = false;
  /** In the block there is a line that may have been meant as a path. */
  private isBelowDoubt = false;
  /** The indent of the line before, if it was about a password. */
  private passwordIndent = Infinity;

  constructor(private readonly sendsRequestIds: boolean) {}

  take(line: RuleLine): void {
    // Users below a password's line, and deeper, are more of it, and must not be sent as a field.
    const isMore = line.indent > this.passwordIndent && isAllUsers(line.text);
    const isPassword = isMore || isAboutPassword(line.text);
    this.passwordIndent = isPassword ? Math.min(line.indent, this.passwordIndent) : Infinity;
    if (isPassword) this.takePassword(line);
    else if (PATH.test(line.text)) this.takePath(line);
    else this.takeField(line);
  }

  result(): NetlifyHeaders {
    const { blocks, notes, faults } = this;
    this.endBlock();
    return {
      rules: blocks.filter(({ edits }) => edits.length > 0).map(ruleOf),
      guards: blocks.filter(({ users }) => users.size > 0).map(guardOf),
      notes,
      faults,
    };
  }

  private takePath(head: RuleLine): void {
    this.endBlock();
    this.isBelowDoubt = false;
    const { text, number } = head;
    const path = decodePath(text);
    this.block = isPath(path) ? { path, head, edits: [], users: new Map(), isEmpty: true } : null;
    if (this.block !== null) this.blocks.push(this.block);
    else {
      this.isBelowBadPath = true;
      this.note(number, `no path such as "/assets/*": ${quoteShort(text)}`, "it and the lines below it are");
    }
  }

  private endBlock(): void {
    if (this.block?.isEmpty)
      this.note(this.block.head.number, `nothing is said of the path ${quoteShort(this.block.path)}`);
  }

  private takePassword({ text, number }: RuleLine): void {
    const users = usersOf(text);
    const fault = typeof users === "string" ? users : this.whyUnguarded();
    if (fault !== "") this.faults.push(`${HEADERS_FILE}:${number}: ${fault}`);
    if (this.block === null) return;
    this.block.isEmpty = false;
    if (typeof users !== "string") users.forEach((secret, name) => this.block!.users.set(name, secret));
  }

  /** Why users that are understood would guard nothing, or something else than was meant; "" if they wouldn't. */
  private whyUnguarded(): string {
    if (this.block === null) return this.whyNoBlock();
    return this.isBelowDoubt ? "a line above it is not understood" : doubtAbout(this.block.head.text);
  }

  private takeField({ text, number, indent }: RuleLine): void {
    if (this.block === null) {
      if (!this.isBelowBadPath) this.note(number, this.whyNoBlock()); // otherwise the path has the note
      return;
    }
    this.block.isEmpty = false;
    if (!/[:!]/.test(text) && indent <= this.block.head.indent) this.isBelowDoubt = true;
    const edits = editsWith(this.block.edits, text, number);
    if (typeof edits === "string") this.note(number, edits);
    else if (this.sendsRequestIds && edits.some(isAboutRequestId)) this.note(number, IS_REQUEST_ID);
    else this.block.edits = edits;
  }

  private whyNoBlock(): string {
    return this.isBelowBadPath ? "the path above it is not understood" : "there is no path above it";
  }

  private note(line: number, problem: string, subject = "the line is"): void {
    this.notes.push(`${HEADERS_FILE}:${line}: ${problem}; ${subject} not obeyed`);
  }
}

/** A placeholder is a whole segment. */
function isPath(path: string): boolean {
  return path.startsWith("/") && !isDamaged(path) && isPathPattern(path) && !/\/:[^/]*\*/.test(path);
}

/**
 * What no URL holds as it is (RFC 3986 §3.3), and what hardly ends one: in a guarded path it is more likely part of a list, a glob
 * or a comment than of a name, and then nothing would be guarded. "" where there is nothing of the kind.
 */
function doubtAbout(path: string): string {
  const [octet] = /[\s\p{C}"<>[\]\\^`{|}]|%(?![0-9A-Fa-f]{2})|[,:;]$/u.exec(path) ?? [""];
  if (octet === "") return "";
  const encoded = Array.from(Buffer.from(octet), (code) => `%${code.toString(16).toUpperCase().padStart(2, "0")}`);
  return `the path above it holds ${JSON.stringify(octet)}, which stands for itself only as "${encoded.join("")}"`;
}

/** The edits of a block with those of one more line; or what is wrong with the line. */
function editsWith(edits: readonly FieldEdit[], text: string, line: number): readonly FieldEdit[] | string {
  const because = becauseOfLine(HEADERS_FILE, line);
  if (edits.length === FIELDS_MAX) return `more than ${FIELDS_MAX} fields for one path`;
  if (text.startsWith("!")) {
    const name = text.slice(1).trim();
    if (!isRemovableField(name)) return `no field that can be left out: ${quoteShort(name)}`;
    return [...edits, { name, value: null, because }];
  }
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(colon, 0)).trim();
  const value = text.slice(colon + 1).trim();
  if (!isSettableField(name)) return `no field that can be set: ${quoteShort(name || text)}`;
  if (value === "") return `${name} has no value`;
  if (!isFieldValue(value)) return `the value of ${name} can't be sent`;
  const more = addValue(edits, name, value, because);
  const isTooLong = more.some((edit) => (edit.value?.length ?? 0) > VALUE_LENGTH_MAX);
  return isTooLong ? `the value of ${name} is longer than ${VALUE_LENGTH_MAX} characters` : more;
}

function ruleOf({ path, edits }: Block): HeaderRule {
  return { pattern: compileWildcardPattern(path, true), edits };
}

function guardOf({ path, head, users }: Block): AuthRule {
  const because = becauseOfLine(HEADERS_FILE, head.number);
  return { pattern: compileWildcardPattern(path, true), realm: "Restricted", users, because };
}
