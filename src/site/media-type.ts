/**
 * Content-Type of a file, by the extension of its name (RFC 9110 §8.3).
 *
 * Out:   a media type, with `charset=utf-8` for text: files on today's web are UTF-8, and a browser left to guess is an
 *        invitation to sniffing.
 * Source: Bun's own table; below it only what the table lacks or says otherwise than the IANA registry does.
 */
const CORRECTIONS: Readonly<Record<string, string>> = {
  br: "application/x-brotli",
  flac: "audio/flac",
  ico: "image/vnd.microsoft.icon",
  jxl: "image/jxl",
  m4s: "video/iso.segment",
  mpd: "application/dash+xml",
  mts: "video/mp2t",
  ts: "video/mp2t",
  wav: "audio/wav",
  yaml: "application/yaml",
  yml: "application/yaml",
  zst: "application/zstd",
};

/** Types outside `text/` whose content is text in UTF-8 by common practice. */
const TEXTUAL = new Set(["application/xml", "image/svg+xml", "application/xhtml+xml", "application/atom+xml"]);

/** The value of Content-Type for a file of this name or path; `application/octet-stream` where the name tells nothing. */
export function mediaTypeOf(fileName: string): string {
  const dot = fileName.lastIndexOf(".");
  if (dot === -1 || dot < fileName.lastIndexOf("/")) return "application/octet-stream";
  const extension = fileName.slice(dot + 1).toLowerCase();
  const type = CORRECTIONS[extension] ?? Bun.file(`name.${extension}`).type.split(";")[0]!;
  if (type.startsWith("text/") || TEXTUAL.has(type)) return `${type}; charset=utf-8`;
  return type;
}
