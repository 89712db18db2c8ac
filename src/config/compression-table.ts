/**
 * The table `[compression]`: which content codings are offered, for which files, and what that may cost.
 *
 * Keeps: a coding is named as Content-Encoding names it (RFC 9110 §8.4.1); levels are those of the coding's own library.
 */
import { boolean, integer, list } from "./setting.ts";
import { table } from "./table.ts";

const group = "Compression";

/** Codings that saker can produce, in the default order of preference. */
const CODING_NAMES = ["br", "zstd", "gzip"] as const;

/** Text in all its forms, and other types that shrink; images, video, archives and WOFF fonts are compressed already. */
const COMPRESSIBLE_TYPES = [
  "text/*",
  "*/*+json",
  "*/*+xml",
  "application/json",
  "application/jsonl",
  "application/json5",
  "application/x-ndjson",
  "application/xml",
  "application/yaml",
  "application/toml",
  "application/sql",
  "application/wasm",
  "application/vnd.apple.mpegurl",
  "application/vnd.ms-fontobject",
  "application/x-subrip",
  "font/ttf",
  "font/otf",
  "font/collection",
  "image/bmp",
  "image/vnd.microsoft.icon",
  "model/gltf-binary",
  "model/obj",
  "model/stl",
];

const isTypePattern = (text: string): boolean => /^[A-Za-z0-9!#$&^_.+*-]+\/[A-Za-z0-9!#$&^_.+*-]+$/.test(text);

export const COMPRESSION_TABLE = table("Compressed representations for clients that accept them", {
  enabled: boolean({
    default: true,
    group,
    meaning: "Offer compressed representations: precompressed files, and those compressed on the fly and cached",
  }),
  codings: list({
    default: CODING_NAMES,
    group,
    meaning: "Content codings to offer; among those a client prefers equally, the first is sent",
    form: `one of ${CODING_NAMES.map((name) => `"${name}"`).join(", ")}`,
    hasForm: (text) => (CODING_NAMES as readonly string[]).includes(text),
  }),
  types: list({
    default: COMPRESSIBLE_TYPES,
    group,
    meaning: "Media types to compress; `*` matches any run of characters",
    form: 'a media type such as "text/html" or "text/*"',
    hasForm: isTypePattern,
  }),
  precompressed: boolean({
    default: true,
    group,
    meaning: "Send `file.br`, `file.zst` or `file.gz` in place of `file` unless it is more than two seconds older",
  }),
  minimum_size_bytes: integer({
    default: 1400,
    minimum: 0,
    maximum: 1_073_741_824,
    unit: "octets",
    group,
    meaning: "Smallest file that is compressed on the fly; a smaller response fits into one packet anyway",
  }),
  maximum_size_mb: integer({
    default: 64,
    minimum: 0,
    maximum: 1_048_576,
    unit: "MiB",
    group,
    meaning:
      "Largest file that is compressed here; one that is over 2 MiB or too large for the cache is compressed in the background and sent as it is until then",
  }),
  br_level: integer({ default: 5, minimum: 0, maximum: 11, group, meaning: "Quality of br on the fly" }),
  zstd_level: integer({ default: 9, minimum: 1, maximum: 19, group, meaning: "Level of zstd on the fly" }),
  gzip_level: integer({ default: 6, minimum: 1, maximum: 9, group, meaning: "Level of gzip on the fly" }),
  cache_share_percent: integer({
    default: 30,
    minimum: 0,
    maximum: 90,
    unit: "percent",
    group,
    meaning: "Share of `cache_size_mb` for compressed representations; 0 turns compression on the fly off",
  }),
  upgrade: boolean({
    default: true,
    group,
    meaning: "Recompress popular files with br and zstd at their best level, in the background",
  }),
  upgrade_hits: integer({
    default: 100,
    minimum: 1,
    maximum: 1_000_000_000,
    unit: "requests",
    group,
    meaning: "Requests a compressed representation must have answered before it is recompressed",
  }),
  upgrade_cpu_percent: integer({
    default: 10,
    minimum: 1,
    maximum: 100,
    unit: "percent",
    group,
    meaning: "Share of one CPU that compressing in the background may take, on average, per worker",
  }),
});
