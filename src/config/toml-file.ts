/**
 * Reading a TOML file, with a position for every syntax error.
 *
 * In:    the path of the file, and the name to call it in errors (as the user gave it).
 * Out:   the text and the root table.
 * Keeps: `Bun.TOML.parse` is the judge of what is TOML. It tells no position, so that is found by asking it again about
 *        shorter texts: the first statement that fails, then the place in that statement.
 * Fails: ConfigFileError when the file cannot be read; ConfigError when it is not TOML.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { ConfigError, ConfigFileError } from "./config-error.ts";
import { type Position, positionAt, scanStatements, type TomlEntry, type TomlStatement } from "./toml-position.ts";

/** Ten thousand redirects take 1 MiB. What is larger was named by mistake. */
const FILE_OCTETS_MAX = 16 * 1024 * 1024;
const TOO_LARGE = "it is larger than 16 MiB";

/** For who writes into a pipe to begin, and to go on; the server waits meanwhile. */
const PIPE_MS_MAX = 1000;
const PIPE_LOOK_MS = 5;

export type TomlTable = Record<string, unknown>;

export interface TomlFile {
  /** The file as the user named it: what errors call it. */
  readonly name: string;
  readonly text: string;
  readonly root: TomlTable;
}

/** Reads and parses; one file read. */
export function readTomlFile(path: string, name: string): TomlFile {
  const text = readText(path, name);
  return { name, text, root: parseToml(text, name) };
}

function readText(path: string, name: string): string {
  let octets: Uint8Array;
  try {
    octets = readBounded(path);
  } catch (error) {
    throw new ConfigFileError(`cannot read the configuration file "${name}": ${reasonOf(error)}`, error);
  }
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(octets);
  const badOffset = text.indexOf("\ufffd");
  // The replacement character may also be meant; only then does encoding give the same octets again.
  if (badOffset >= 0 && Buffer.compare(Buffer.from(text), octets) !== 0) {
    throw new ConfigError({ file: name, ...positionAt(text, badOffset), problem: "not UTF-8; save the file as UTF-8" });
  }
  return text;
}

/**
 * A file that is read while the server runs (reload) must not stop it: it never blocks and never reads without bound. A pipe
 * such as a shell's `<(…)` is read to its end, if it has a writer.
 */
function readBounded(path: string): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const status = fstatSync(fd);
    if (!status.isFile() && !status.isFIFO() && !status.isDirectory())
      throw new Error("it is neither a file nor a pipe");
    if (status.size > FILE_OCTETS_MAX) throw new Error(TOO_LARGE);
    return status.isFIFO() ? readPipe(fd) : readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

function readPipe(fd: number): Buffer {
  const pieces: Buffer[] = [];
  const giveUpAtMs = performance.now() + PIPE_MS_MAX;
  for (let octets = 0; octets <= FILE_OCTETS_MAX;) {
    const piece = Buffer.alloc(64 * 1024);
    const taken = readNow(fd, piece);
    if (taken === 0 && octets > 0) return Buffer.concat(pieces);
    // No octets yet, or no writer: before the first octet these can't be told apart.
    if (taken <= 0 && performance.now() > giveUpAtMs) throw new Error("it is a pipe without a writer");
    if (taken <= 0) Bun.sleepSync(PIPE_LOOK_MS);
    else pieces.push(piece.subarray(0, taken));
    octets += Math.max(taken, 0);
  }
  throw new Error(TOO_LARGE);
}

/** Octets read, 0 at the end, −1 where there are none yet. */
function readNow(fd: number, into: Buffer): number {
  try {
    return readSync(fd, into);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return -1;
    throw error;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "no such file",
};

function reasonOf(error: unknown): string {
  const { code = "", message = "" } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}

/** Parses a text; `name` is the file in errors. */
export function parseToml(text: string, name: string): TomlTable {
  const problem = problemOf(text);
  if (problem === null) return Bun.TOML.parse(text) as TomlTable;
  const { position, message } = locateProblem(text, problem);
  throw new ConfigError({ file: name, ...position, problem: `invalid TOML: ${firstLower(message)}` });
}

/** What the parser says about a text; null when it is TOML. */
function problemOf(text: string): string | null {
  try {
    Bun.TOML.parse(text);
    return null;
  } catch (error) {
    return (error as Error).message.replace(/^TOML Parse error: /, "");
  }
}

/** Finds where the parser stumbles. Asks it O(log statements + characters of the bad statement) times. */
function locateProblem(text: string, whole: string): { position: Position; message: string } {
  const statement = firstBadStatement(text);
  if (statement === null) return { position: positionAt(text, text.length), message: whole };
  const end = statement.end;
  const message = problemOf(text.slice(0, end)) ?? whole;
  return { position: positionAt(text, problemOffset(text, statement, message)), message };
}

/** The first statement that makes the text up to its end wrong: whatever follows can't make that right again. */
function firstBadStatement(text: string): TomlStatement | null {
  const statements = scanStatements(text);
  let low = 0;
  let high = statements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (problemOf(text.slice(0, statements[middle]!.end)) === null) low = middle + 1;
    else high = middle;
  }
  return statements[low] ?? null;
}

/** Statements longer than this (a list of thousands) are reported at their start: the search is quadratic. */
const SEARCH_CHARACTERS_MAX = 4096;

/** The offset of the problem inside its statement. */
function problemOffset(text: string, { start, end, entries }: TomlStatement, message: string): number {
  if (/found end of file$/.test(message)) return end;
  if (end - start > SEARCH_CHARACTERS_MAX) return start;
  // The character that brings this message up: everything before it says something else, or nothing.
  let culprit = end;
  while (culprit > start && problemOf(text.slice(0, culprit)) === message) culprit--;
  if (/found|newline after|end of file after|control character/i.test(message)) return culprit;
  // Everything else is about a whole key or value: the last one that begins before the character.
  const offsetOf = ({ offsets, valueOffset }: TomlEntry): number =>
    /redefine/i.test(message) ? offsets.at(-1)! : valueOffset;
  const inner = entries.slice(1).findLast((entry) => offsetOf(entry) >= 0 && offsetOf(entry) <= culprit);
  if (inner !== undefined) return offsetOf(inner);
  const valueOffset = entries[0]?.valueOffset ?? -1;
  return /redefine/i.test(message) || valueOffset < 0 ? start : valueOffset;
}

function firstLower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
