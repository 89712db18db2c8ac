import { expect, test } from "bun:test";
import { COMPRESSION_TABLE } from "../../../src/config/compression-table.ts";
import { CompressibleTypes } from "../../../src/site/coding/compressible-types.ts";
import { mediaTypeOf } from "../../../src/site/media-type.ts";

const usual = new CompressibleTypes(COMPRESSION_TABLE.rows.types.default);

test.each(
  (
    "html css js mjs txt md csv json jsonld geojson ndjson map webmanifest xml svg rss atom xhtml wasm vtt srt m3u8 mpd ttf " +
    "otf eot ico bmp yaml toml gltf glb rs py ics"
  ).split(" "),
)("files named .%s are worth compressing", (extension) => {
  expect(usual.has(mediaTypeOf(`name.${extension}`))).toBe(true);
});

test.each(
  (
    "png jpg gif webp avif jxl heic mp4 webm mp3 m4a ogg flac aac woff woff2 zip gz br zst xz bz2 7z rar tgz pdf docx epub jar " +
    "m4s ts parquet sqlite unheard-of"
  ).split(" "),
)("files named .%s are not", (extension) => {
  expect(usual.has(mediaTypeOf(`name.${extension}`))).toBe(false);
});

test.each([
  ["text/*", "text/html", true],
  ["text/*", "text/html; charset=utf-8", true],
  ["text/*", "TEXT/HTML", true],
  ["text/*", "text/", true],
  ["text/*", "textual/html", false],
  ["text/*", "application/text", false],
  ["text/html", "text/html5", false],
  ["text/html", "text/html", true],
  ["*/*+json", "application/ld+json", true],
  ["*/*+json", "application/json", false],
  ["*/*+json", "application/ld+json; profile=x", true],
  ["application/x.y", "application/xzy", false],
  ["application/vnd.*", "application/vnd.ms-fontobject", true],
  ["a/*", "a/b/c", false],
  ["*/*", "", false],
])("%s and %s", (pattern, type, expected) => {
  expect(new CompressibleTypes([pattern]).has(type)).toBe(expected);
});

test("a pattern of many asterisks takes no longer than it is long", () => {
  const types = new CompressibleTypes([`${"*a".repeat(30)}/x`]);
  expect(types.has(`${"a".repeat(29)}/x`)).toBe(false);
  expect(types.has(`${"a".repeat(40)}/x`)).toBe(true);
});
