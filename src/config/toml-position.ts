/**
 * Where a key or value stands in a TOML text (TOML 1.1). `Bun.TOML.parse` gives values without positions; this finds
 * them afterwards, and only when there is an error to report.
 *
 * In:    the text and the path of a key: names, and indexes into arrays (`["virtual_host", 1, "name"]`).
 * Out:   positions of the key and of its value.
 * Units: offsets are UTF-16 units from the start of the text; lines and columns count from 1.
 * Keeps: never throws. Text that is not TOML is read as far as it makes sense: an odd statement ends with its line.
 *        Only boundaries are judged (strings, brackets, comments); whether a value is good is the parser's business.
 */

export type TomlPath = readonly (string | number)[];

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One key as it is written, or one item of an array. */
export interface TomlEntry {
  readonly path: TomlPath;
  /** One offset per member of `path`: where that name stands, or the header that set it. */
  readonly offsets: readonly number[];
  /** Where the value begins; −1 for a table header. */
  readonly valueOffset: number;
}

/** One table header or one `key = value`, over as many lines as it takes. */
export interface TomlStatement {
  readonly start: number;
  /** The end of its last line, comment included, line break excluded. */
  readonly end: number;
  /** The entry of the statement itself, then of what is inside its value. Empty when no key could be read. */
  readonly entries: readonly TomlEntry[];
}

/** Finds the first place that names `path`; null when the text never does. `value` is null for tables. */
export function locateKey(text: string, path: TomlPath): { key: Position; value: Position | null } | null {
  for (const { entries } of scanStatements(text)) {
    for (const entry of entries) {
      if (!path.every((member, index) => entry.path[index] === member)) continue;
      const offset = entry.offsets[path.length - 1];
      if (offset === undefined) continue;
      const hasValue = entry.path.length === path.length && entry.valueOffset >= 0;
      return { key: positionAt(text, offset), value: hasValue ? positionAt(text, entry.valueOffset) : null };
    }
  }
  return null;
}

/** The line and column of an offset. A byte order mark takes no column. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  const markLength = lineStart === 0 && before.startsWith("\ufeff") ? 1 : 0;
  return { line, column: offset - lineStart - markLength + 1 };
}

/** Cuts a text into statements, in order. */
export function scanStatements(text: string): TomlStatement[] {
  return new Scanner(text).statements();
}

interface Key {
  names: string[];
  offsets: number[];
}

const BARE_KEY = /[A-Za-z0-9_-]+/y;
const BASIC_STRING = /"(?:\\[^\r\n]|[^"\\\r\n])*"?/y;
const LITERAL_STRING = /'[^'\r\n]*'?/y;
/** Multi-line strings may end with up to two quotes of their own before the closing three. */
const MULTI_LINE_BASIC = /"""(?:\\[^]|(?!""")[^\\])*(?:"{3,5}|$)/y;
const MULTI_LINE_LITERAL = /'''(?:(?!''')[^])*(?:'{3,5}|$)/y;
const BARE_VALUE = /[^,\]}#\r\n]*/y;
const SPACES = /[ \t]*/y;
const BLANKS_AND_COMMENTS = /(?:[ \t\r\n\ufeff]|#[^\n]*)*/y;
const REST_OF_LINE = /(?:[^\r\n]|\r(?!\n))*/y;

class Scanner {
  private readonly text: string;
  private at = 0;
  /** The table that keys belong to now. */
  private table: (string | number)[] = [];
  private tableOffsets: number[] = [];
  /** Items seen so far in each array of tables, by the JSON of its path. */
  private readonly arrayCounts = new Map<string, number>();
  private entries: TomlEntry[] = [];

  constructor(text: string) {
    this.text = text;
  }

  statements(): TomlStatement[] {
    const statements: TomlStatement[] = [];
    for (;;) {
      this.skip(BLANKS_AND_COMMENTS);
      if (this.at >= this.text.length) return statements;
      const start = this.at;
      this.entries = [];
      if (this.text[start] === "[") this.scanHeader();
      else this.scanKeyValue(this.table, this.tableOffsets);
      this.skip(REST_OF_LINE);
      statements.push({ start, end: this.at, entries: this.entries });
    }
  }

  /** `[a.b]` or `[[a.b]]`. */
  private scanHeader(): void {
    const isArrayItem = this.text.startsWith("[[", this.at);
    this.at += isArrayItem ? 2 : 1;
    const key = this.scanKey();
    if (key === null) return;
    this.table = [];
    this.tableOffsets = [];
    key.names.forEach((name, index) => {
      const offset = key.offsets[index]!;
      this.enter(name, offset);
      const arrayKey = JSON.stringify(this.table);
      const isNewItem = isArrayItem && index === key.names.length - 1;
      if (isNewItem) this.arrayCounts.set(arrayKey, (this.arrayCounts.get(arrayKey) ?? 0) + 1);
      // `[a.b]` after `[[a]]` belongs to the last item of `a`.
      const count = this.arrayCounts.get(arrayKey);
      if (count !== undefined) this.enter(count - 1, offset);
    });
    this.entries.push({ path: this.table, offsets: this.tableOffsets, valueOffset: -1 });
  }

  private enter(member: string | number, offset: number): void {
    this.table = [...this.table, member];
    this.tableOffsets = [...this.tableOffsets, offset];
  }

  /** `key = value`, at the top or inside an inline table. */
  private scanKeyValue(parent: TomlPath, parentOffsets: readonly number[]): void {
    const key = this.scanKey();
    if (key === null) return;
    const path = [...parent, ...key.names];
    const offsets = [...parentOffsets, ...key.offsets];
    this.skip(SPACES);
    if (this.text[this.at] !== "=") {
      this.entries.push({ path, offsets, valueOffset: -1 });
      return;
    }
    this.at += 1;
    this.skip(SPACES);
    this.entries.push({ path, offsets, valueOffset: this.at });
    this.scanValue(path, offsets);
  }

  /** A bare, quoted or dotted key; null when there is none. */
  private scanKey(): Key | null {
    const key: Key = { names: [], offsets: [] };
    for (;;) {
      this.skip(SPACES);
      const offset = this.at;
      const first = this.text[offset];
      const pattern = first === '"' ? BASIC_STRING : first === "'" ? LITERAL_STRING : BARE_KEY;
      const word = this.skip(pattern);
      if (word === "") return key.names.length === 0 ? null : key;
      key.names.push(unquote(word));
      key.offsets.push(offset);
      this.skip(SPACES);
      if (this.text[this.at] !== ".") return key;
      this.at += 1;
    }
  }

  private scanValue(path: TomlPath, offsets: readonly number[]): void {
    const text = this.text;
    const first = text[this.at];
    if (text.startsWith('"""', this.at)) this.skip(MULTI_LINE_BASIC);
    else if (text.startsWith("'''", this.at)) this.skip(MULTI_LINE_LITERAL);
    else if (first === '"') this.skip(BASIC_STRING);
    else if (first === "'") this.skip(LITERAL_STRING);
    else if (first === "[") this.scanArray(path, offsets);
    else if (first === "{") this.scanInlineTable(path, offsets);
    else this.skip(BARE_VALUE);
  }

  private scanArray(path: TomlPath, offsets: readonly number[]): void {
    this.scanList("]", (index) => {
      const itemPath = [...path, index];
      const itemOffsets = [...offsets, this.at];
      this.entries.push({ path: itemPath, offsets: itemOffsets, valueOffset: this.at });
      this.scanValue(itemPath, itemOffsets);
    });
  }

  private scanInlineTable(path: TomlPath, offsets: readonly number[]): void {
    this.scanList("}", () => this.scanKeyValue(path, offsets));
  }

  /** Items with commas between them, up to `close` or to the first character that fits nowhere. */
  private scanList(close: string, scanItem: (index: number) => void): void {
    this.at += 1;
    for (let index = 0; ; index++) {
      this.skip(BLANKS_AND_COMMENTS);
      if (this.text[this.at] === close) {
        this.at += 1;
        return;
      }
      const start = this.at;
      scanItem(index);
      if (this.at === start) return;
      this.skip(BLANKS_AND_COMMENTS);
      if (this.text[this.at] === ",") this.at += 1;
      else if (this.text[this.at] !== close) return;
    }
  }

  /** Moves over what the (sticky) pattern matches here and returns it; "" when it matches nothing. */
  private skip(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text)?.[0] ?? "";
    this.at += match.length;
    return match;
  }
}

/** The name a quoted key stands for. Escapes are those of a TOML basic string, so the TOML parser reads them. */
function unquote(word: string): string {
  if (word.startsWith("'")) return word.slice(1, word.length > 1 && word.endsWith("'") ? -1 : undefined);
  if (!word.startsWith('"')) return word;
  try {
    return (Bun.TOML.parse(`key = ${word}`) as { key: string }).key;
  } catch {
    return word; // not a valid string: no path can name it, and the parser reports it
  }
}
