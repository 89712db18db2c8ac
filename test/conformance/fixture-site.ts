/**
 * The document root that the conformance suite expects, so that any server can be pointed at it.
 *
 * In:    a folder to write into (made if missing; files of the same names are overwritten).
 * Out:   the files of `FIXTURE_FILES`, each with the same modification date, and `FIXTURE_LINKS`.
 * Keeps: contents depend on nothing but this file, so the suite knows them without reading the folder and the server
 *        may run on another machine. Nothing is written outside the folder.
 */
import { mkdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";

/** Modification date of every file but `/future.txt`: Mon, 03 Jun 2024 12:34:56 GMT; one digit of day for asctime. */
export const FIXTURE_MTIME_MS = Date.UTC(2024, 5, 3, 12, 34, 56);

/** A modification date that lies ahead of any clock (RFC 9110 §8.8.2.1). */
export const FUTURE_MTIME_MS = Date.UTC(2090, 0, 1);

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Octets that no content coding makes smaller and that differ at every offset: a 32-bit xorshift. */
function noise(octets: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(octets / 4));
  let state = seed;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, octets);
}

function page(title: string, paragraphs: number): Uint8Array {
  const lines = Array.from(
    { length: paragraphs },
    (_, index) => `<p>Paragraph ${index}: a server that selects a representation tells caches by what.</p>`,
  );
  return text(
    `<!doctype html>\n<html lang="en"><head><title>${title}</title></head><body>\n${lines.join("\n")}\n</body></html>\n`,
  );
}

const STYLE = text(Array.from({ length: 120 }, (_, i) => `.rule-${i} { margin: ${i}px; color: #123456 }`).join("\n"));

/** Path in the document root (decoded) to content. */
export const FIXTURE_FILES: ReadonlyMap<string, Uint8Array> = new Map([
  ["/index.html", page("index", 3)],
  ["/alphabet.txt", text("abcdefghijklmnopqrstuvwxyz")],
  ["/probe.txt", text("probe\n")],
  ["/smuggled.txt", text("smuggled\n")],
  ["/empty.txt", new Uint8Array(0)],
  ["/future.txt", text("modified in the future\n")],
  ["/page.html", page("page", 200)],
  ["/tiny.html", text("<p>tiny\n")],
  ["/noise.bin", noise(300_000, 0x5eed)],
  ["/large.bin", noise(3_000_000, 0xcafe)],
  ["/dir/index.html", page("dir", 1)],
  ["/dir/file.txt", text("file in dir\n")],
  ["/listing/only.txt", text("a folder without index\n")],
  ["/with space.txt", text("name with a space\n")],
  ["/percent%.txt", text("name with a percent sign\n")],
  ["/once%41.txt", text("percent-decoded once\n")],
  ["/onceA.txt", text("percent-decoded twice\n")],
  ["/ünï.txt", text("name in UTF-8\n")],
  ["/plus+sign.txt", text("name with a plus sign\n")],
  ["/semi;colon.txt", text("name with a semicolon\n")],
  ["/question?.txt", text("name with a question mark\n")],
  ["/hash#.txt", text("name with a number sign\n")],
  ["/colon:name.txt", text("name with a colon\n")],
  ['/marks"<>[]^`{|}.txt', text("marks that no URI holds\n")],
  ["/two..dots.txt", text("two dots inside a name\n")],
  ["/~tilde/sub-delims!$&'()*,=@.txt", text("every sub-delim is a pchar\n")],
  ["/.hidden.txt", text("hidden\n")],
  ["/.well-known/security.txt", text("Contact: mailto:security@example.com\n")],
  ["/style.css", STYLE],
  ["/bundled.css", STYLE],
  ["/bundled.css.gz", gzipSync(STYLE, { level: 9 })],
  ["/bundled.css.br", brotliCompressSync(STYLE)],
  ["/bundled.css.zst", zstdCompressSync(STYLE)],
  ["/script.js", text("export {};\n".repeat(80))],
  ["/module.mjs", text("export {};\n")],
  ["/data.json", text(JSON.stringify(Array.from({ length: 100 }, (_, index) => ({ index }))))],
  ["/image.svg", text('<svg xmlns="http://www.w3.org/2000/svg"/>\n')],
  ["/image.png", noise(2_000, 1)],
  ["/photo.jpg", noise(2_000, 2)],
  ["/photo.webp", noise(2_000, 3)],
  ["/photo.avif", noise(2_000, 4)],
  ["/font.woff2", noise(2_000, 5)],
  ["/app.wasm", noise(2_000, 6)],
  ["/clip.mp4", noise(2_000, 7)],
  ["/paper.pdf", noise(2_000, 8)],
  ["/feed.xml", text('<?xml version="1.0"?><feed/>\n')],
  ["/site.webmanifest", text("{}\n")],
  ["/archive.tar.gz", gzipSync(text("not really a tar file"))],
  ["/UPPER.TXT", text("upper case extension\n")],
  ["/no-extension", text("no extension\n")],
  ["/odd.unknown-extension", noise(100, 9)],
]);

/** Symbolic links: path to target, as written into the link. */
export const FIXTURE_LINKS: ReadonlyMap<string, string> = new Map([
  ["/link-inside.txt", "alphabet.txt"],
  ["/link-outside.txt", "/etc/passwd"],
  ["/link-up", "../.."],
]);

export async function makeFixtureSite(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [path, content] of FIXTURE_FILES) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    const mtime = new Date(path === "/future.txt" ? FUTURE_MTIME_MS : FIXTURE_MTIME_MS);
    await utimes(file, mtime, mtime);
  }
  for (const [path, target] of FIXTURE_LINKS) {
    await rm(join(folder, path), { force: true });
    await symlink(target, join(folder, path));
  }
}

export function fixtureContent(path: string): Uint8Array {
  const content = FIXTURE_FILES.get(path);
  if (!content) throw new Error(`${path} is not in the fixture site`);
  return content;
}
