/**
 * The pictogram of a kind of file in a listing, by media type.
 *
 * In:    a media type, with or without parameters; "" for a directory.
 * Out:   a class of listing-style.ts; "" for a file of no kind that is told apart. And the shape of each, 20 by 20 units.
 * Keeps: pure. Shapes are paths of the style sheet: holes are cut by the even-odd rule.
 */

export enum Pictogram {
  File = "",
  Directory = "d",
  Text = "t",
  Code = "c",
  Document = "p",
  Image = "i",
  Audio = "a",
  Video = "m",
  Archive = "z",
}

/** The first that matches decides. Archives are what holds files; a document is more than text. */
const KINDS: readonly (readonly [pattern: RegExp, pictogram: Pictogram])[] = [
  [/^image\//, Pictogram.Image],
  [/^audio\//, Pictogram.Audio],
  [/^video\//, Pictogram.Video],
  [
    /^application\/(?:(?:x-)?(?:g?zip|g?tar|7z-compressed|xz|lz4|bzip2?|zstd|brotli|java-archive|cpio)|vnd\.rar|vnd\.ms-cab-compressed)$/,
    Pictogram.Archive,
  ],
  [
    /^application\/(?:vnd\.(?:debian\.binary-package|android\.package-archive)|x-(?:redhat-package-manager|iso9660-image|apple-diskimage))$/,
    Pictogram.Archive,
  ],
  [
    /^application\/(?:pdf|postscript|epub\+zip|msword|vnd\.(?:ms-|openxmlformats|oasis))|^text\/rtf$/,
    Pictogram.Document,
  ],
  [/^text\/(?:html|css|javascript|xml|wgsl|x-)/, Pictogram.Code],
  [/^application\/(?:.*\+)?(?:json|jsonl|x-ndjson|xml|javascript|wasm|yaml|toml|sql|x-httpd-php)$/, Pictogram.Code],
  [/^text\//, Pictogram.Text],
];

export function pictogramOf(contentType: string): Pictogram {
  if (contentType === "") return Pictogram.Directory;
  const semicolon = contentType.indexOf(";");
  const type = semicolon === -1 ? contentType : contentType.slice(0, semicolon);
  return KINDS.find(([pattern]) => pattern.test(type))?.[1] ?? Pictogram.File;
}

const PAPER =
  "M5 1h6.6L17 6.4V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2zM5 2.5a.5.5 0 0 0-.5.5v14a.5.5 0 0 0 .5.5h10a.5.5 0 0 0 " +
  ".5-.5V8H12a2 2 0 0 1-2-2V2.5zM11.5 3.4V6a.5.5 0 0 0 .5.5h2.6z";
const FRAME = "M3 3h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM2.5 4.5v11h15v-11z";

export const SHAPES: Readonly<Record<Pictogram, string>> = {
  [Pictogram.File]: PAPER,
  [Pictogram.Directory]: "M1 5a2 2 0 0 1 2-2h4.2l2.2 2.2H17a2 2 0 0 1 2 2V15a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2z",
  [Pictogram.Text]: `${PAPER}M6.5 10h7v1.4h-7zM6.5 12.5h7v1.4h-7zM6.5 15h4.5v1.4H6.5z`,
  [Pictogram.Code]:
    "M6.5 4.5l1.1 1.1L3.2 10l4.4 4.4-1.1 1.1L1 10zM13.5 4.5L19 10l-5.5 5.5-1.1-1.1L16.8 10l-4.4-4.4zM11 3.5h1.6L9 16.5H7.4z",
  [Pictogram.Document]: `${PAPER}M6.5 10.5h7v6h-7z`,
  [Pictogram.Image]: `${FRAME}M4 14l3.5-5 2.5 3.2 2-2.4L16 14zM13 6.5h2v2h-2z`,
  [Pictogram.Audio]: "M7 3.5L17 1.5v12a2.7 2.7 0 1 1-1.5-2.4V5.2L8.5 6.6v9a2.7 2.7 0 1 1-1.5-2.4z",
  [Pictogram.Video]: `${FRAME}M8 6.5l5.5 3.5L8 13.5z`,
  [Pictogram.Archive]: "M1.5 2.5h17v4.5h-17zM2.5 8h15v9.5h-15zM8 10v1.5h4V10z",
};
