/**
 * Positions in TOML. Rows mark the expected place in the text itself: `▸` stands before the key, `▹` before the value.
 */
import { describe, expect, test } from "bun:test";
import { locateKey, positionAt, scanStatements, type TomlPath } from "../../src/config/toml-position.ts";

interface Case {
  readonly what: string;
  readonly marked: string;
  readonly path: TomlPath;
}

const cases: readonly Case[] = [
  { what: "a bare key", marked: "▸port = ▹80\n", path: ["port"] },
  { what: "no spaces", marked: "▸port=▹80", path: ["port"] },
  { what: "indented", marked: "  \t▸port\t=\t▹80", path: ["port"] },
  { what: "after a comment", marked: "# port = 1\n\n▸port = ▹80 # port = 2\n", path: ["port"] },
  { what: "after a comment behind a value", marked: "host = 1 # port = 1\n▸port = ▹80", path: ["port"] },
  { what: "with CRLF", marked: "host = 1\r\n▸port = ▹80\r\n", path: ["port"] },
  { what: "after a byte order mark", marked: "\ufeff▸port = ▹80", path: ["port"] },
  { what: "a key of digits", marked: "▸404 = ▹1", path: ["404"] },
  { what: "a key with hyphens", marked: "▸a-b_c = ▹1", path: ["a-b_c"] },
  { what: "a quoted key", marked: '▸"port" = ▹80', path: ["port"] },
  { what: "a quoted key with a dot", marked: '▸"a.b" = ▹80', path: ["a.b"] },
  { what: "a quoted key with escapes", marked: '▸"\\u0070ort\\"" = ▹80', path: ['port"'] },
  { what: "a quoted key with an equals sign", marked: '▸"a = b" = ▹80', path: ["a = b"] },
  { what: "a quoted key with a hash", marked: '▸"#a" = ▹80', path: ["#a"] },
  { what: "an empty quoted key", marked: '▸"" = ▹80', path: [""] },
  { what: "a literal key", marked: "▸'po\\rt' = ▹80", path: ["po\\rt"] },
  { what: "a dotted key", marked: "profile.dev.▸port = ▹80", path: ["profile", "dev", "port"] },
  { what: "a dotted key with spaces", marked: 'profile . "dev" . ▸port = ▹80', path: ["profile", "dev", "port"] },
  { what: "the middle of a dotted key", marked: "profile.▸dev.port = 80", path: ["profile", "dev"] },
  { what: "inside a basic string there is no key", marked: 'a = "port = 1"\n▸port = ▹80', path: ["port"] },
  { what: "inside a string with escaped quotes", marked: 'a = "\\" # \\\\"\n▸port = ▹80', path: ["port"] },
  { what: "inside a literal string", marked: "a = 'port = \"1 \\'\n▸port = ▹80", path: ["port"] },
  { what: "inside a multi-line string", marked: 'a = """\nport = 1\n[x]\n"""\n▸port = ▹80', path: ["port"] },
  {
    what: "a multi-line string with quotes in it",
    marked: 'a = """\n""port = 1"" \\"""\n"""\n▸port = ▹80',
    path: ["port"],
  },
  { what: "a multi-line string that ends with five quotes", marked: 'a = """x"""""\n▸port = ▹80', path: ["port"] },
  { what: "inside a multi-line literal", marked: "a = '''\nport = 1\\'''\n▸port = ▹80", path: ["port"] },
  { what: "an empty multi-line string", marked: 'a = """"""\n▸port = ▹80', path: ["port"] },
  { what: "a value that is a multi-line string", marked: '▸host = ▹"""\na\n"""', path: ["host"] },
  { what: "a date", marked: "▸a = ▹1979-05-27T07:32:00Z\nport = 80", path: ["a"] },
  { what: "a table", marked: "port = 1\n[▸tls]\nport = 2", path: ["tls"] },
  { what: "a table with spaces and a comment", marked: "[ ▸tls ] # x\n", path: ["tls"] },
  { what: "a quoted table", marked: "[▸'t.l']\n", path: ["t.l"] },
  { what: "a key in a table", marked: "port = 1\n[tls]\n▸port = ▹2", path: ["tls", "port"] },
  { what: "a key of the root, not of the table", marked: "▸port = ▹1\n[tls]\nport = 2", path: ["port"] },
  { what: "a key in a dotted table", marked: "[profile.dev]\n▸port = ▹2", path: ["profile", "dev", "port"] },
  { what: "the middle of a dotted table", marked: "[profile.▸dev]\nport = 2", path: ["profile", "dev"] },
  { what: "a table that is only implied", marked: "[▸profile.dev]\nport = 2", path: ["profile"] },
  { what: "a table that comes after its child", marked: "[a.▸b]\nc = 1\n[a]\nd = 1", path: ["a", "b"] },
  { what: "an array of tables", marked: "[[▸host]]\nname = 1", path: ["host"] },
  { what: "its second item", marked: "[[host]]\n[[▸host]]", path: ["host", 1] },
  { what: "a key in its first item", marked: "[[host]]\n▸name = ▹1\n[[host]]\nname = 2", path: ["host", 0, "name"] },
  { what: "a key in its second item", marked: "[[host]]\nname = 1\n[[host]]\n▸name = ▹2", path: ["host", 1, "name"] },
  {
    what: "a table in its second item",
    marked: "[[h]]\n[h.t]\na = 1\n[[h]]\n[h.t]\n▸a = ▹2",
    path: ["h", 1, "t", "a"],
  },
  {
    what: "an array in an array",
    marked: "[[h]]\n[[h.i]]\n[[h]]\n[[h.i]]\n[[h.i]]\n▸a = ▹2",
    path: ["h", 1, "i", 1, "a"],
  },
  { what: "an inline table", marked: "▸tls = ▹{ port = 1 }", path: ["tls"] },
  { what: "a key in an inline table", marked: "tls = { a = 1, ▸port = ▹2 }", path: ["tls", "port"] },
  { what: "a dotted key in an inline table", marked: "tls = { a.▸b = ▹2 }", path: ["tls", "a", "b"] },
  { what: "nested inline tables", marked: "a = { b = { c = {}, ▸d = ▹4 } }", path: ["a", "b", "d"] },
  { what: "an inline table over lines (TOML 1.1)", marked: "a = {\n  b = 1, # }\n  ▸c = ▹2,\n}\n", path: ["a", "c"] },
  { what: "after an inline table", marked: "a = { port = 1 }\n▸port = ▹2", path: ["port"] },
  { what: "an array", marked: '▸index = ▹["a", "b"]', path: ["index"] },
  { what: "an item of an array", marked: 'index = ["a", ▸▹"b"]', path: ["index", 1] },
  { what: "an item of an array over lines", marked: 'index = [\n  "a", # ]\n  ▸▹"b",\n]', path: ["index", 1] },
  { what: "an item of a nested array", marked: "a = [[1, 2], [3, ▸▹4]]", path: ["a", 1, 1] },
  { what: "a key in a table in an array", marked: "a = [{b = 1}, {▸b = ▹2}]", path: ["a", 1, "b"] },
  { what: "after an array with brackets in strings", marked: 'a = ["]", \'[\', "\\"]"]\n▸port = ▹2', path: ["port"] },
  { what: "after an array over lines", marked: "a = [\n1,\n2\n]\n▸port = ▹2", path: ["port"] },
  { what: "a key named __proto__", marked: "▸__proto__ = ▹1", path: ["__proto__"] },
  { what: "the first of two, as the parser refuses both", marked: "▸port = ▹1\nport = 2", path: ["port"] },
  // Text that is not TOML: the rest is still found.
  { what: "after a line that is no statement", marked: "???\n▸port = ▹2", path: ["port"] },
  { what: "after a key without a value", marked: "host =\n▸port = ▹2", path: ["port"] },
  { what: "after a key without equals sign", marked: "host\n▸port = ▹2", path: ["port"] },
  { what: "after an unterminated string", marked: 'host = "a\n▸port = ▹2', path: ["port"] },
  { what: "after an unterminated header", marked: "[tls\n▸port = ▹2", path: ["tls", "port"] },
  { what: "after a header without a name", marked: "[]\n▸port = ▹2", path: ["port"] },
  { what: "an unquoted word", marked: "▸host = ▹localhost", path: ["host"] },
  { what: "a value that is missing", marked: "▸host = ▹", path: ["host"] },
  { what: "an array that never ends", marked: "▸index = ▹[1, 2", path: ["index"] },
  { what: "an inline table that never ends", marked: "a = { ▸b = ▹1", path: ["a", "b"] },
  { what: "a multi-line string that never ends", marked: '▸a = ▹"""\nb', path: ["a"] },
];

/** The text without marks, and what the marks stand before. */
function unmark(marked: string): { text: string; key: number; value: number } {
  const plain = (part: string): string => part.replace(/[▸▹]/g, "");
  const text = plain(marked);
  const offsetOf = (mark: string): number => {
    const index = marked.indexOf(mark);
    return index === -1 ? -1 : plain(marked.slice(0, index)).length;
  };
  return { text, key: offsetOf("▸"), value: offsetOf("▹") };
}

describe("locateKey", () => {
  test.each(cases.map((row) => [row.what, row] as const))("%s", (_, { marked, path }) => {
    const { text, key, value } = unmark(marked);
    expect(locateKey(text, path)).toEqual({
      key: positionAt(text, key),
      value: value === -1 ? null : positionAt(text, value),
    });
  });

  test.each<[string, string, TomlPath]>([
    ["an empty text", "", ["port"]],
    ["a comment", "# port = 1", ["port"]],
    ["a string", 'a = "port = 1"', ["port"]],
    ["a multi-line string", 'a = """\nport = 1\n"""', ["port"]],
    ["another table", "[tls]\nport = 1", ["port"]],
    ["an inline table", "a = { port = 1 }", ["port"]],
    ["an item that isn't there", "a = [1]", ["a", 1]],
    ["a part of a dotted name", '"a.b" = 1', ["a", "b"]],
    ["lone punctuation", "= ] } , .\n=\n]", ["port"]],
  ])("finds nothing in %s", (_, text, path) => expect(locateKey(text, path)).toBeNull());

  test("takes linear time on a long odd text", () => {
    const text = `a = ${"[".repeat(2000)}\n${"x ".repeat(20_000)}\nport = 1\n`;
    expect(() => locateKey(text, ["nothing"])).not.toThrow();
  });
});

describe("positionAt", () => {
  test.each([
    ["the start", "abc", 0, 1, 1],
    ["the end", "abc", 3, 1, 4],
    ["the start of a line", "a\nb", 2, 2, 1],
    ["a line break itself", "a\nb", 1, 1, 2],
    ["behind CRLF", "a\r\nb", 3, 2, 1],
    ["behind a byte order mark", "\ufeffab", 2, 1, 2],
    ["on the line after a byte order mark", "\ufeffa\nb", 3, 2, 1],
    ["behind a character of two units", "😀=", 2, 1, 3],
  ])("%s", (_, text, offset, line, column) => expect(positionAt(text, offset)).toEqual({ line, column }));
});

describe("scanStatements", () => {
  test("cuts at statements, not at lines", () => {
    const text = '# c\na = [\n1,\n] # d\n\n[t] # e\nb = """\nx\n"""\nbad line\n';
    const pieces = scanStatements(text).map(({ start, end }) => text.slice(start, end));
    expect(pieces).toEqual(["a = [\n1,\n] # d", "[t] # e", 'b = """\nx\n"""', "bad line"]);
  });

  test("every octet of nonsense ends", () => {
    for (const text of [
      "[",
      "[[",
      '"',
      "'",
      '"""',
      "'''",
      "{",
      "a={",
      "a=[",
      "a.",
      ".",
      "=",
      "\\",
      "a=[[{",
      "\u0000",
    ]) {
      for (const statement of scanStatements(`${text}\n${text}`))
        expect(statement.end).toBeGreaterThan(statement.start);
    }
  });
});

/** Writes random TOML and remembers where it put every key and value. */
class Writer {
  text = "";
  readonly places: { path: TomlPath; key: number; value: number }[] = [];
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  next(bound: number): number {
    this.state = (Math.imul(this.state, 1103515245) + 12345) & 0x7fffffff;
    return (this.state >> 8) % bound;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.next(items.length)]!;
  }

  document(): Record<string, unknown> {
    const root: Record<string, unknown> = {};
    this.keys(root, []);
    for (let table = 0; table < this.next(4); table++) {
      const name = `t${table}`;
      const items = this.pick([0, 0, 1, 2]);
      if (items === 0) {
        this.text += `${this.blank()}[${this.spell(name)}]${this.comment()}\n`;
        root[name] = this.keys({}, [name]);
      } else {
        root[name] = Array.from({ length: items }, (_, index) => {
          this.text += `[[ ${this.spell(name)} ]]${this.comment()}\n`;
          return this.keys({}, [name, index]);
        });
      }
    }
    return root;
  }

  private keys(into: Record<string, unknown>, at: TomlPath): Record<string, unknown> {
    for (let index = 0; index < this.next(4); index++) {
      this.text += this.blank();
      this.keyValue(into, at, `k${index}`);
      this.text += `${this.comment()}\n`;
    }
    return into;
  }

  private keyValue(into: Record<string, unknown>, at: TomlPath, name: string): void {
    const path = [...at, name];
    const key = this.text.length;
    this.text += `${this.spell(name)}${this.pick(["", " ", "\t"])}=${this.pick(["", " "])}`;
    into[name] = this.value(path, key, 0);
  }

  private value(path: TomlPath, key: number, depth: number): unknown {
    this.places.push({ path, key, value: this.text.length });
    const kind = this.next(depth > 2 ? 7 : 9);
    if (kind === 7) {
      const items: unknown[] = [];
      this.text += "[";
      for (let index = 0; index < this.next(4); index++) {
        this.text += this.gap();
        items.push(this.value([...path, index], this.text.length, depth + 1));
        this.text += `${this.gap()},`;
      }
      this.text += `${this.gap()}]`;
      return items;
    }
    if (kind === 8) {
      const table: Record<string, unknown> = {};
      this.text += "{ ";
      for (let index = 0; index < this.next(3); index++) {
        if (index > 0) this.text += ", ";
        const name = `i${index}`;
        const inner = this.text.length;
        this.text += `${this.spell(name)} = `;
        table[name] = this.value([...path, name], inner, depth + 1);
      }
      this.text += " }";
      return table;
    }
    const [spelling, value] = this.pick(SCALARS);
    this.text += spelling;
    return value;
  }

  private spell(name: string): string {
    return this.pick([name, `"${name}"`, `'${name}'`]);
  }

  private blank(): string {
    return this.pick(["", "", "\n", "  ", "# k0 = 1\n", "\t# [t0]\n"]);
  }

  private comment(): string {
    return this.pick(["", "", " # k1 = [", " # \"'"]);
  }

  private gap(): string {
    return this.pick(["", " ", "\n", " # ], }\n"]);
  }
}

const SCALARS: readonly [spelling: string, value: unknown][] = [
  ["1", 1],
  ["true", true],
  ["1.5", 1.5],
  ['"k0 = 1 # [t]"', "k0 = 1 # [t]"],
  ['"\\"]"', '"]'],
  ["'\\'", "\\"],
  ['"""\nk0 = 1\n[t0]\n"""', "k0 = 1\n[t0]\n"],
  ['"""a"" \\""""', 'a"" "'],
  ["'''\n'' k1 = 2'''", "'' k1 = 2"],
];

test("finds every key and value of random documents", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  for (let round = 0; round < 300; round++) {
    const writer = new Writer(seed + round);
    const meant = writer.document();
    const context = `seed ${seed + round}:\n${writer.text}`;
    expect(Bun.TOML.parse(writer.text), context).toEqual(meant);
    for (const { path, key, value } of writer.places) {
      expect(locateKey(writer.text, path), `${path.join(".")} ${context}`).toEqual({
        key: positionAt(writer.text, key),
        value: positionAt(writer.text, value),
      });
    }
  }
});
