import { describe, expect, test } from "bun:test";
import { Pictogram, pictogramOf, SHAPES } from "../../../src/site/listing/pictogram.ts";
import { mediaTypeOf } from "../../../src/site/media-type.ts";

describe("a file's kind shows by its media type", () => {
  test.each([
    [Pictogram.Text, "a.txt b.md c.csv d.log e.rs"],
    [Pictogram.Code, "a.js b.css c.html d.json e.xml f.wasm g.yaml h.toml i.py j.sql k.geojson"],
    [Pictogram.Document, "a.pdf b.docx c.xlsx d.odt e.epub f.ps g.rtf h.ppt"],
    [Pictogram.Image, "a.png b.svg c.avif d.ico"],
    [Pictogram.Audio, "a.mp3 b.flac c.opus"],
    [Pictogram.Video, "a.mp4 b.webm c.mkv"],
    [Pictogram.Archive, "a.zip b.tar c.tar.gz d.7z e.xz f.bz2 g.zst h.br i.rar j.deb k.rpm l.iso m.jar n.apk o.dmg"],
    [Pictogram.File, "a.bin b.exe c.woff2 noextension"],
  ])("%j", (pictogram, names) => {
    for (const name of names.split(" ")) expect([name, pictogramOf(mediaTypeOf(name))]).toEqual([name, pictogram]);
  });

  test("a directory has none", () => expect(pictogramOf("")).toBe(Pictogram.Directory));
});

test("every pictogram has a shape of its own, and a class of one letter", () => {
  const shapes = Object.values(SHAPES);
  expect(new Set(shapes).size).toBe(Object.keys(Pictogram).length);
  expect(Object.values(Pictogram).every((name) => /^[a-z]?$/.test(name) && !"uev".includes(name || "-"))).toBe(true);
  for (const shape of shapes) expect(shape).toMatch(/^(?:[MLHVZACazcmlhv]|[-. 0-9])+$/);
});
