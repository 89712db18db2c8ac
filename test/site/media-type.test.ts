import { expect, test } from "bun:test";
import { mediaTypeOf } from "../../src/site/media-type.ts";

test.each([
  ["index.html", "text/html; charset=utf-8"],
  ["INDEX.HTML", "text/html; charset=utf-8"],
  ["a/style.css", "text/css; charset=utf-8"],
  ["app.js", "text/javascript; charset=utf-8"],
  ["app.mjs", "text/javascript; charset=utf-8"],
  ["notes.txt", "text/plain; charset=utf-8"],
  ["notes.md", "text/markdown; charset=utf-8"],
  ["data.csv", "text/csv; charset=utf-8"],
  ["data.json", "application/json"],
  ["data.jsonld", "application/ld+json"],
  ["site.webmanifest", "application/manifest+json"],
  ["feed.xml", "application/xml; charset=utf-8"],
  ["logo.svg", "image/svg+xml; charset=utf-8"],
  ["photo.avif", "image/avif"],
  ["photo.webp", "image/webp"],
  ["photo.jxl", "image/jxl"],
  ["favicon.ico", "image/vnd.microsoft.icon"],
  ["font.woff2", "font/woff2"],
  ["module.wasm", "application/wasm"],
  ["film.mp4", "video/mp4"],
  ["list.m3u8", "application/vnd.apple.mpegurl"],
  ["piece.ts", "video/mp2t"],
  ["archive.tar.gz", "application/gzip"],
  ["archive.zst", "application/zstd"],
  ["README", "application/octet-stream"],
  ["a.b/README", "application/octet-stream"],
  ["thing.unheard-of", "application/octet-stream"],
  ["dot.", "application/octet-stream"],
])("%s is %s", (name, type) => {
  expect(mediaTypeOf(name)).toBe(type);
});
