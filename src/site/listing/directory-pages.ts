/**
 * The pages of one directory: HTML and JSON, in any order, from rows that were rendered once.
 *
 * In:    a listing; then a form and an order at a time.
 * Out:   the page's octets.
 * Keeps: a listing's entries are not kept, only their octets and what they are sorted by. Rendering is done in turns;
 *        putting a page together is copying.
 */
import { JSON_END, JSON_OF_NOTHING, JSON_SEPARATOR, JSON_START, renderJsonEntry } from "./listing-json.ts";
import type { Listing } from "./listing.ts";
import { type Order, type SortColumns, sortedIndices } from "./listing-order.ts";
import { type DirectorySummary, PAGE_END, renderPageStart, renderRow } from "./listing-page.ts";
import { RowOctets } from "./row-octets.ts";
import { inTurns } from "./turns.ts";

/** Rows rendered in one turn of the event loop; about a millisecond for both forms. */
const ROWS_PER_TURN = 500;

export enum ListingForm {
  Html,
  Json,
}

export const LISTING_MEDIA_TYPE: readonly string[] = ["text/html; charset=utf-8", "application/json"];

/** Renders the rows of a listing; `done` gets the pages. */
export function renderDirectory(filePath: string, listing: Listing, done: (pages: DirectoryPages) => void): void {
  const { entries } = listing;
  const html = new RowOctets(entries.length);
  const json = new RowOctets(entries.length);
  const render = (index: number): void => {
    const entry = entries[index]!;
    html.add(renderRow(entry));
    json.add(renderJsonEntry(entry) + JSON_SEPARATOR);
  };
  inTurns(entries.length, ROWS_PER_TURN, render, () => {
    html.trim();
    json.trim();
    done(new DirectoryPages(filePath, listing, html, json));
  });
}

export class DirectoryPages {
  readonly summary: DirectorySummary;
  private readonly columns: SortColumns;

  constructor(
    filePath: string,
    listing: Listing,
    private readonly html: RowOctets,
    private readonly json: RowOctets,
  ) {
    const { entries, total } = listing;
    const directories = entries.filter(({ isDirectory }) => isDirectory).length;
    const octets = entries.reduce((sum, { size }) => sum + Math.max(size, 0), 0);
    this.summary = { filePath, directories, files: entries.length - directories, octets, total };
    this.columns = {
      directoryCount: directories,
      sizes: Float64Array.from(entries, ({ size }) => (size < 0 ? NaN : size)),
      modified: Float64Array.from(entries, ({ modifiedMs }) => modifiedMs),
    };
  }

  /** Octets of the rows in both forms. */
  get rowOctets(): number {
    return this.html.length + this.json.length;
  }

  page(form: ListingForm, order: Order): Buffer {
    const indices = sortedIndices(this.columns, order);
    if (form === ListingForm.Html) return framed(renderPageStart(this.summary, order), this.html, indices, PAGE_END, 0);
    if (indices.length === 0) return Buffer.from(JSON_OF_NOTHING);
    return framed(JSON_START, this.json, indices, JSON_END, JSON_SEPARATOR.length);
  }
}

/** `overlap`: how many octets of the last row the end takes the place of. */
function framed(start: string, rows: RowOctets, indices: Uint32Array, end: string, overlap: number): Buffer {
  const startOctets = Buffer.from(start, "utf8");
  const page = Buffer.allocUnsafeSlow(startOctets.length + rows.length - overlap + end.length);
  startOctets.copy(page);
  rows.copyTo(page, startOctets.length, indices);
  page.write(end, page.length - end.length, "latin1");
  return page;
}
