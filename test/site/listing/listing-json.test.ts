import { expect, test } from "bun:test";
import { renderJsonEntry } from "../../../src/site/listing/listing-json.ts";
import { directory, file } from "./entries.ts";

test.each([
  [
    file("a b.txt", 3, 1_700_000_000_999),
    { type: "file", size: 3, modified: "2023-11-14T22:13:20Z", url: "a%20b.txt" },
  ],
  [directory("sub", 0), { type: "directory", size: null, modified: "1970-01-01T00:00:00Z", url: "sub/" }],
  [file("empty", 0, NaN), { type: "file", size: 0, modified: null, url: "empty" }],
])("%p", (entry, properties) => {
  expect(JSON.parse(renderJsonEntry(entry))).toEqual({ name: entry.name, ...properties });
});

test("a name that is no UTF-8 is shown with U+FFFD, which every reader takes, and has the URL of its octets", () => {
  const text = renderJsonEntry(file("caf\udce9\udc80.txt"));
  expect(text.isWellFormed()).toBe(true);
  expect(text).not.toContain("\\ud");
  expect(JSON.parse(text)).toMatchObject({ name: "caf\ufffd\ufffd.txt", url: "caf%E9%80.txt" });
});

test.each([`"quoted"`, "back\\slash", "new\nline", "\u0000\u001f", "</script>", "日本語", "😀", "\u2028"])(
  "the name %p comes back, in one line",
  (name) => {
    const text = renderJsonEntry(file(name));
    expect(text).not.toContain("\n");
    expect((JSON.parse(text) as { name: string }).name).toBe(name);
  },
);
