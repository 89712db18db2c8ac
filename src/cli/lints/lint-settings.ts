/**
 * Settings that are valid but probably unintended, one by one and in pairs.
 *
 * In:    a loaded configuration. Out: lints.
 */
import type { Configuration } from "../../config/load-settings.ts";
import { CompressibleTypes } from "../../site/coding/compressible-types.ts";
import { becauseOf } from "../../site/rules/because.ts";
import type { Lint } from "./lint.ts";

/** Types whose content is already compressed: compressing it again costs time and gains nothing. */
const COMPRESSED_TYPES = [
  "application/gzip",
  "application/vnd.rar",
  "application/x-7z-compressed",
  "application/x-brotli",
  "application/x-bzip2",
  "application/x-xz",
  "application/zip",
  "application/zstd",
  "audio/mpeg",
  "font/woff",
  "font/woff2",
  "image/avif",
  "image/gif",
  "image/jpeg",
  "image/jxl",
  "image/png",
  "image/webp",
  "video/mp4",
  "video/webm",
];

const SHOWN_TYPES_MAX = 3;

export function lintSettings({ settings, originOf }: Pick<Configuration, "settings" | "originOf">): Lint[] {
  const found: Lint[] = [];
  const warn = (name: string, message: string): number =>
    found.push({ because: becauseOf(...name.split(".")), message });
  const cacheKb = settings.cache_size_mb * 1024;
  if (cacheKb > 0 && settings.max_cached_file_kb > cacheKb) {
    const sizes = `(${settings.max_cached_file_kb}) is larger than the whole cache (${cacheKb} KiB)`;
    warn("max_cached_file_kb", `max_cached_file_kb ${sizes}`);
  }
  if (settings.cache_size_mb === 0 && originOf("max_cached_file_kb").source !== "default") {
    warn("max_cached_file_kb", "max_cached_file_kb has no effect while cache_size_mb is 0");
  }
  const everyone = settings.admin_allow.filter((range) => /\/0+$/.test(range));
  if (everyone.length > 0) {
    warn("admin_allow", `admin_allow contains ${everyone.join(" and ")}: everyone may see /metrics and /stats`);
  }
  if (settings.dotfiles) warn("dotfiles", "dotfiles is on: files such as .env and .git are served");
  if (settings.follow_symlinks === "always") {
    const danger = "a link in the document root can publish any file of this machine";
    warn("follow_symlinks", `follow_symlinks is "always": ${danger}`);
  }
  const { header_timeout_seconds } = settings;
  if (header_timeout_seconds > 60) {
    const danger = "lets slow clients hold connections for a long time";
    warn("header_timeout_seconds", `header_timeout_seconds (${header_timeout_seconds}) ${danger}`);
  }
  const types = new CompressibleTypes(settings.compression.types);
  const compressed = COMPRESSED_TYPES.filter((type) => types.has(type));
  if (settings.compression.enabled && compressed.length > 0) {
    const rest = compressed.length > SHOWN_TYPES_MAX ? ", …" : "";
    const shown = compressed.slice(0, SHOWN_TYPES_MAX).join(", ") + rest;
    warn("compression.types", `compression.types includes types that are compressed already: ${shown}`);
  }
  const everyName = settings.virtual_host.findIndex(({ names }) => names.includes("*"));
  if (everyName !== -1 && settings.unknown_host !== "default") {
    warn("unknown_host", 'unknown_host has no effect: a virtual host is named "*", so none is unknown');
  }
  return found;
}
