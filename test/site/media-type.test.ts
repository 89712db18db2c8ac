import { describe, expect, test } from "bun:test";
import { hasExtension, mediaTypeOf } from "../../src/site/media-type.ts";

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
  ["archive.tgz", "application/gzip"],
  ["piece.m4s", "video/iso.segment"],
  ["song.m4a", "audio/mp4"],
  ["song.aac", "audio/aac"],
  ["song.opus", "audio/ogg"],
  ["song.flac", "audio/flac"],
  ["film.webm", "video/webm"],
  ["list.mpd", "application/dash+xml"],
  ["titles.vtt", "text/vtt; charset=utf-8"],
  ["map.geojson", "application/geo+json"],
  ["app.js.map", "application/json"],
  ["lines.ndjson", "application/x-ndjson"],
  ["table.parquet", "application/vnd.apache.parquet"],
  ["shader.wgsl", "text/wgsl; charset=utf-8"],
  ["scene.glb", "model/gltf-binary"],
  ["scene.gltf", "model/gltf+json"],
  ["font.woff", "font/woff"],
  ["font.ttf", "font/ttf"],
  ["font.otf", "font/otf"],
  ["picture.bmp", "image/bmp"],
  ["picture.jfif", "image/jpeg"],
  ["picture.apng", "image/apng"],
  ["picture.heic", "image/heic"],
  ["book.epub", "application/epub+zip"],
  ["paper.pdf", "application/pdf"],
  ["event.ics", "text/calendar; charset=utf-8"],
  ["card.vcf", "text/vcard; charset=utf-8"],
  ["config.yaml", "application/yaml"],
  ["config.toml", "application/toml"],
  ["main.rs", "text/plain; charset=utf-8"],
  ["main.py", "text/x-python; charset=utf-8"],
  ["run.sh", "text/plain; charset=utf-8"],
  ["feed.rss", "application/rss+xml"],
  ["feed.atom", "application/atom+xml; charset=utf-8"],
  ["page.xhtml", "application/xhtml+xml; charset=utf-8"],
  ["README", "application/octet-stream"],
  ["name.constructor", "application/octet-stream"],
  ["name.__proto__", "application/octet-stream"],
  ["name.hasOwnProperty", "application/octet-stream"],
  ["a.b/README", "application/octet-stream"],
  ["thing.unheard-of", "application/octet-stream"],
  ["dot.", "application/octet-stream"],
])("%s is %s", (name, type) => {
  expect(mediaTypeOf(name)).toBe(type);
});

test.each([
  ["README", false],
  ["a.b/README", false],
  [".gitignore", false],
  ["a/.gitignore", false],
  ["app.js", true],
  ["dot.", true],
  [".config.json", true],
])("%s has an extension: %p", (name, has) => {
  expect(hasExtension(name)).toBe(has);
});

describe("types of the settings", () => {
  const own = {
    foo: "text/foo",
    html: "text/html; charset=iso-8859-1",
    svg: "image/svg+xml",
    "7z": "x/y",
    ts: "text/plain",
  };
  test.each([
    ["a.foo", "text/foo; charset=utf-8"],
    ["a.FOO", "text/foo; charset=utf-8"],
    ["a.html", "text/html; charset=iso-8859-1"],
    ["a.svg", "image/svg+xml; charset=utf-8"],
    ["a.7z", "x/y"],
    ["a.ts", "text/plain; charset=utf-8"],
    ["a.css", "text/css; charset=utf-8"],
    ["foo", "application/octet-stream"],
    ["a.toString", "application/octet-stream"],
  ])("%s is %s", (name, type) => {
    expect(mediaTypeOf(name, own)).toBe(type);
  });
});
