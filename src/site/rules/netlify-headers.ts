/**
 * `_headers`, as Netlify reads it (docs.netlify.com, "Custom headers").
 *
 *     # comment
 *     /assets/*
 *       Cache-Control: public, max-age=3600
 *       ! X-Frame-Options
 *       Basic-Auth: name:password other:password
 *
 * In:    the file's text.
 * Out:   header rules and password rules, in the order of the lines; and a note for every line that is not obeyed.
 * Keeps: a name given twice in a block has both values, in one line (RFC 9110 §5.3). `Basic-Auth` is no field: it guards the
 *        block's path, is never sent, and never shown in a note.
 */
import { isFieldValue, isPlausibleUser, isRemovableField, isSettableField } from "../../config/site-forms.ts";
import { isPathPattern } from "../../config/path-syntax.ts";
import { becauseOfLine } from "./because.ts";
import type { FieldEdit } from "./field-edit.ts";
import type { AuthRule, Secret } from "./guard.ts";
import type { HeaderRule } from "./header-rule.ts";
import { compilePattern } from "./path-pattern.ts";

export const HEADERS_FILE = "_headers";

const BASIC_AUTH = "basic-auth";

export interface NetlifyHeaders {
  readonly rules: readonly HeaderRule[];
  readonly guards: readonly AuthRule[];
  /** `_headers:3: …` */
  readonly notes: readonly string[];
}

/** One path and the lines below it. */
interface Block {
  readonly path: string;
  readonly line: number;
  readonly edits: FieldEdit[];
  readonly users: Map<string, Secret>;
}

export function parseNetlifyHeaders(text: string): NetlifyHeaders {
  const blocks: Block[] = [];
  const notes: string[] = [];
  let block: Block | null = null;
  text.split("\n").forEach((written, index) => {
    const line = written.trimEnd();
    const note = (problem: string): number =>
      notes.push(`${HEADERS_FILE}:${index + 1}: ${problem}; the line is not obeyed`);
    if (line.trim() === "" || line.trimStart().startsWith("#")) return;
    if (/^\S/.test(line)) {
      block = isPathPattern(line) && line.startsWith("/") ? newBlock(line, index + 1) : null;
      if (block === null) note(`no path such as "/assets/*": ${JSON.stringify(line)}`);
      else blocks.push(block);
      return;
    }
    if (block === null) return; // its path was bad, and has its note
    const problem = readField(block, line.trim(), index + 1);
    if (problem !== "") note(problem);
  });
  return {
    rules: blocks.filter(({ edits }) => edits.length > 0).map(ruleOf),
    guards: blocks.filter(({ users }) => users.size > 0).map(guardOf),
    notes,
  };
}

function newBlock(path: string, line: number): Block {
  return { path, line, edits: [], users: new Map() };
}

/** Takes a line into its block; returns what is wrong with it, or "". */
function readField(block: Block, text: string, line: number): string {
  const because = becauseOfLine(HEADERS_FILE, line);
  if (text.startsWith("!")) {
    const name = text.slice(1).trim();
    if (!isRemovableField(name)) return `no field that can be left out: ${JSON.stringify(name)}`;
    block.edits.push({ name, value: null, because });
    return "";
  }
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(colon, 0)).trim();
  const value = text.slice(colon + 1).trim();
  if (name.toLowerCase() === BASIC_AUTH) return readUsers(block, value);
  if (!isSettableField(name)) return `no field that can be set: ${JSON.stringify(name || text)}`;
  if (!isFieldValue(value)) return `the value of ${name} can't be sent`;
  const before = block.edits.findIndex((edit) => edit.name.toLowerCase() === name.toLowerCase() && edit.value !== null);
  if (before === -1) block.edits.push({ name, value, because });
  else block.edits[before] = { name, value: `${block.edits[before]!.value}, ${value}`, because };
  return "";
}

/** A Basic-Auth line means that the path must be guarded: one without a valid user admits no user. */
function readUsers({ users }: Block, value: string): string {
  const pairs = value.split(/\s+/).filter(isPlausibleUser);
  for (const pair of pairs) {
    const colon = pair.indexOf(":");
    const sha256 = new Bun.CryptoHasher("sha256").update(pair.slice(colon + 1)).digest();
    users.set(pair.slice(0, colon), { sha256 });
  }
  if (pairs.length === 0) users.set("", { sha256: new Uint8Array(0) });
  return pairs.length === 0 ? 'Basic-Auth needs "name:password"; no user is admitted' : "";
}

function ruleOf({ path, edits }: Block): HeaderRule {
  return { pattern: compilePattern(path), edits };
}

function guardOf({ path, line, users }: Block): AuthRule {
  const because = becauseOfLine(HEADERS_FILE, line);
  return { pattern: compilePattern(path, true), realm: "Restricted", users, because };
}
