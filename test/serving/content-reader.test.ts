import { describe, expect, test } from "bun:test";
import { mkdtempSync, openSync, rmSync, writeFileSync, closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Content,
  FileContent,
  NO_CONTENT,
  OctetsContent,
  PartsContent,
  type SharedFile,
} from "../../src/http/content.ts";
import { ContentReader, ReadEnd } from "../../src/serving/content-reader.ts";
import { Octets, Offset } from "../../src/units.ts";

const TEXT = "0123456789abcdefghij";
const folder = mkdtempSync(join(tmpdir(), "saker-content-"));
const path = join(folder, "file");
writeFileSync(path, TEXT);

class File implements SharedFile {
  readonly fd = openSync(path, "r");
  uses = 0;
  retain(): void {
    this.uses++;
  }
  release(): void {
    this.uses--;
  }
}
const file = new File();
process.on("exit", () => {
  closeSync(file.fd);
  rmSync(folder, { recursive: true });
});

const PARTS = [
  { lead: Buffer.from("<a>"), offset: Offset(2), octets: Octets(3) },
  { lead: Buffer.alloc(0), offset: Offset(0), octets: Octets(1) },
  { lead: Buffer.from("<c>"), offset: Offset(10), octets: Octets(10) },
];
const PARTS_TEXT = "<a>2340<c>abcdefghij<end>";

const CONTENTS: readonly (readonly [name: string, content: Content, text: string])[] = [
  ["nothing", NO_CONTENT, ""],
  ["octets", new OctetsContent(Buffer.from(TEXT), 3, 15), TEXT.slice(3, 15)],
  ["a file", new FileContent(file, Offset(5), Octets(10)), TEXT.slice(5, 15)],
  ["parts of a file", new PartsContent(PARTS, Buffer.from("<end>"), null, file, PARTS_TEXT.length), PARTS_TEXT],
  [
    "parts of memory",
    new PartsContent(PARTS, Buffer.from("<end>"), Buffer.from(TEXT), null, PARTS_TEXT.length),
    PARTS_TEXT,
  ],
];

describe.each(CONTENTS)("%s", (_name, content, text) => {
  test.each([1, 2, 3, 5, 7, 100])("is given in pieces of %d", (octetsMax) => {
    const reader = new ContentReader();
    reader.begin(content, () => {});
    expect(reader.remaining).toBe(text.length);
    let given = "";
    const target = Buffer.alloc(200);
    for (;;) {
      expect(reader.isDone).toBe(given.length === text.length);
      const octets = reader.read(target, 3, octetsMax);
      if (octets === ReadEnd.Done) break;
      expect(octets).toBeWithin(1, octetsMax + 1);
      given += target.toString("latin1", 3, 3 + octets);
      expect(reader.remaining).toBe(text.length - given.length);
    }
    expect(given).toBe(text);
    reader.end();
    expect(file.uses).toBe(0);
  });
});

test("a file that is shorter than was promised fails", () => {
  const reader = new ContentReader();
  reader.begin(new FileContent(file, Offset(15), Octets(10)), () => {});
  const target = Buffer.alloc(20);
  expect(reader.read(target, 0, 20)).toBe(5);
  expect(reader.read(target, 0, 20)).toBe(ReadEnd.Failed);
  reader.end();
  expect(file.uses).toBe(0);
});
