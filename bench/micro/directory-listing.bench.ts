/**
 * What a directory listing costs: rendering its rows once, and putting a page together from them.
 *
 * Run:   bun bench/micro/directory-listing.bench.ts
 * Out:   time per row, per key of a name, and per page of 10 000 rows (the most a listing shows), sorted by size.
 */
import { bench, do_not_optimize, group, run } from "mitata";
import { type DirectoryPages, ListingForm, renderDirectory } from "../../src/site/listing/directory-pages.ts";
import { compareEntries, type ListedEntry, referenceTo } from "../../src/site/listing/listing.ts";
import { SortBy } from "../../src/site/listing/listing-order.ts";
import { renderJsonEntry } from "../../src/site/listing/listing-json.ts";
import { renderRow } from "../../src/site/listing/listing-page.ts";
import { naturalKey } from "../../src/site/listing/natural-order.ts";

const entries: ListedEntry[] = Array.from({ length: 10_000 }, (_, index) => {
  const name = `report ${index} of ${(index * 7919) % 1000}.pdf`;
  return {
    name,
    key: naturalKey(name),
    isDirectory: index % 50 === 0,
    size: index % 50 === 0 ? -1 : index * 977,
    modifiedMs: 1.6e12 + index * 1e7,
    contentType: index % 50 === 0 ? "" : "application/pdf",
    reference: referenceTo(name, index % 50 === 0),
  };
}).sort(compareEntries);

const listing = { entries, total: entries.length, changedMs: 0 };
const pages = await new Promise<DirectoryPages>((resolve) => renderDirectory("/reports", listing, resolve));
const bySize = { by: SortBy.Size, descending: true };
const one = entries[5000]!;

group("one entry", () => {
  bench("key of its name", () => do_not_optimize(naturalKey(one.name)));
  bench("row of HTML", () => do_not_optimize(renderRow(one)));
  bench("object of JSON", () => do_not_optimize(renderJsonEntry(one)));
});

group("page of 10 000", () => {
  bench("HTML", () => do_not_optimize(pages.page(ListingForm.Html, bySize)));
  bench("JSON", () => do_not_optimize(pages.page(ListingForm.Json, bySize)));
});

await run();
