/**
 * Content-Type of a file, by the extension of its name (RFC 9110 §8.3).
 *
 * In:    a file name or path; media types by extension that the settings give (`media_types`).
 * Out:   a media type, with `charset=utf-8` for text: files on today's web are UTF-8, and a browser left to guess is an
 *        invitation to sniffing. A type from the settings that has a parameter is taken as it is. A name without an extension
 *        says nothing; then the content may (text-content.ts).
 * Keeps: every name has a type, so `X-Content-Type-Options: nosniff` breaks no file.
 * Source: Bun's own table; below it only what the table lacks, or says otherwise than the IANA registry and today's
 *         browsers do. Source code without a type of its own is text/plain: to be read, not to be downloaded.
 */
const CORRECTIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "application/cbor": "cbor",
    "application/dash+xml": "mpd",
    "application/gzip": "tgz",
    "application/importmap+json": "importmap",
    "application/json": "har topojson",
    "application/jsonl": "jsonl",
    "application/msix": "msix",
    "application/mp4": "cmft",
    "application/sql": "sql",
    "application/ttml+xml": "dfxp",
    "application/vnd.apache.arrow.file": "arrow feather",
    "application/vnd.apache.parquet": "parquet",
    "application/vnd.debian.binary-package": "deb",
    "application/vnd.pmtiles": "pmtiles",
    "application/vnd.rar": "rar",
    "application/vnd.sqlite3": "sqlite sqlite3",
    "application/x-brotli": "br",
    "application/x-ipynb+json": "ipynb",
    "application/x-lz4": "lz4",
    "application/x-ndjson": "ndjson",
    "application/yaml": "yaml yml",
    "application/zstd": "zst",
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/mp4": "cmfa m4a",
    "audio/wav": "wav",
    "image/bmp": "bmp",
    "image/jpeg": "jfif",
    "image/jxl": "jxl",
    "image/vnd.microsoft.icon": "cur ico",
    "multipart/related": "mht mhtml",
    "text/plain":
      "astro bash c cc cfg cjsx cpp cts cs frag glsl go graphql gql h hpp java jsonc kt lock lua md5 patch pl po " +
      "properties proto ps1 rb rs sha1 sha256 sha512 sh svelte swift tsx vert vue zig",
    "text/vcard": "vcf",
    "text/wgsl": "wgsl",
    "text/x-diff": "diff",
    "text/x-python": "py",
    "video/iso.segment": "m4s",
    "video/mp2t": "m2ts mts ts",
    "video/mp4": "cmfv",
  }).flatMap(([type, extensions]) => extensions.split(" ").map((extension) => [extension, type] as const)),
);

/** Types outside `text/` whose content is text in UTF-8 by common practice. */
const TEXTUAL = new Set(["application/xml", "image/svg+xml", "application/xhtml+xml", "application/atom+xml"]);

/** Of a name that says nothing. */
export const UNKNOWN_TYPE = "application/octet-stream";

/** The value of Content-Type for a file of this name or path. `own`: media types by extension in lower case. */
export function mediaTypeOf(fileName: string, own: Readonly<Record<string, string>> = {}): string {
  const extension = extensionOf(fileName);
  if (extension === null) return UNKNOWN_TYPE;
  const type = Object.hasOwn(own, extension) ? own[extension]! : usualTypeOf(extension);
  return isText(type) ? `${type}; charset=utf-8` : type;
}

/** Whether the name of a file says something about its type. A dot at its beginning begins no extension. */
export function hasExtension(fileName: string): boolean {
  return fileName.lastIndexOf(".") > fileName.lastIndexOf("/") + 1;
}

/** In lower case; null where there is none. */
function extensionOf(fileName: string): string | null {
  const dot = fileName.lastIndexOf(".");
  return dot <= fileName.lastIndexOf("/") ? null : fileName.slice(dot + 1).toLowerCase();
}

function usualTypeOf(extension: string): string {
  let type = CORRECTIONS.get(extension) ?? found.get(extension);
  if (type === undefined) {
    type = Bun.file(`name.${extension}`).type.split(";")[0]!;
    if (found.size < FOUND_MAX) found.set(extension, type);
  }
  return type;
}

/** Answers of Bun's table, which takes 3 us for each. Only extensions of existing files get here. */
const found = new Map<string, string>();
const FOUND_MAX = 1000;

/** Text without an explicit charset. */
function isText(type: string): boolean {
  return !type.includes(";") && (type.startsWith("text/") || TEXTUAL.has(type));
}
