import { describe, expect, test } from "bun:test";
import { type DirectoryPages, ListingForm, renderDirectory } from "../../../src/site/listing/directory-pages.ts";
import { compareEntries, type ListedEntry } from "../../../src/site/listing/listing.ts";
import { SortBy } from "../../../src/site/listing/listing-order.ts";
import { directory, file } from "./entries.ts";

function pagesOf(entries: readonly ListedEntry[], total = entries.length): Promise<DirectoryPages> {
  const { promise, resolve } = Promise.withResolvers<DirectoryPages>();
  renderDirectory("/folder", { entries: [...entries].sort(compareEntries), total }, resolve);
  return promise;
}

const SOME = [file("b", 2, 1000), directory("sub", 5000), file("ä", 1, 3000), file("c", 3, 2000)];

describe("one page has all entries in the order asked for", () => {
  test.each([
    [SortBy.Name, false, ["sub", "ä", "b", "c"]],
    [SortBy.Name, true, ["sub", "c", "b", "ä"]],
    [SortBy.Size, false, ["sub", "ä", "b", "c"]],
    [SortBy.Size, true, ["sub", "c", "b", "ä"]],
    [SortBy.Modified, true, ["sub", "ä", "c", "b"]],
  ])("by %d, descending %p", async (by, descending, names) => {
    const pages = await pagesOf(SOME);
    const order = { by, descending };
    const json = JSON.parse(pages.page(ListingForm.Json, order).toString()) as { name: string }[];
    expect(json.map(({ name }) => name)).toEqual(names);
    const html = pages.page(ListingForm.Html, order).toString();
    expect(html).toEndWith("</html>\n");
    const shown = [...html.matchAll(/<th scope="row"><a[^>]*>([^<]*)</g)].map(([, name]) => name!.replace("/", ""));
    expect(shown).toEqual(["Parent folder", ...names]);
  });
});

test("a directory with nothing in it", async () => {
  const pages = await pagesOf([]);
  const order = { by: SortBy.Name, descending: false };
  expect(pages.page(ListingForm.Json, order).toString()).toBe("[]\n");
  expect(pages.page(ListingForm.Html, order).toString()).toContain("There is nothing in this folder.");
});

test("is rendered in turns: others have theirs meanwhile, and nothing is lost", async () => {
  let turns = 0;
  const count = 3001;
  const rendered = pagesOf(Array.from({ length: count }, (_, index) => file(`file ${index}`)));
  const other = setInterval(() => turns++, 0);
  const pages = await rendered;
  clearInterval(other);
  expect(turns).toBeGreaterThan(0);
  const json = JSON.parse(pages.page(ListingForm.Json, { by: SortBy.Name, descending: false }).toString()) as unknown[];
  expect(json).toHaveLength(count);
});

test("sums up", async () => {
  const { summary } = await pagesOf(SOME, 9);
  expect(summary).toEqual({ filePath: "/folder", directories: 1, files: 3, octets: 6, total: 9 });
});
