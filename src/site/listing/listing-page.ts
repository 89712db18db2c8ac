/**
 * A listing for people: one self-contained HTML document that works without script, in light and dark, on any screen.
 *
 * In:    what is known of a directory as a whole, the order it is shown in; and one entry at a time.
 * Out:   HTML text (UTF-8): the start of the page, its rows, its end.
 * Keeps: pure; every name is escaped and percent-encoded; all references are relative, so the page also works behind a
 *        proxy that serves it under another path. About 200 octets a row.
 * Why:   icons are shapes of the style sheet: nothing to fetch, nothing that a Content-Security-Policy for images
 *        stops. What sorts is a button of a form and not a link: programs that follow links would fetch each folder
 *        seven times. Those that send forms as well are told not to (`rel="nofollow"`).
 */
import { FALCON_ICON, renderFalcon } from "../represent/falcon.ts";
import { escapeHtml } from "../html-text.ts";
import { shownName } from "../name-octets.ts";
import { exactSize, humanSize, withThousands } from "./human-size.ts";
import { isoDate } from "./iso-date.ts";
import type { ListedEntry } from "./listing.ts";
import { isUsualOrder, isUsuallyDescending, type Order, SORT_NAME, SortBy } from "./listing-order.ts";
import { LISTING_STYLE } from "./listing-style.ts";
import { Pictogram, pictogramOf } from "./pictogram.ts";

/** A directory as a whole. */
export interface DirectorySummary {
  /** Decoded path from the document root: "/" at its beginning, none at its end except for the root itself. */
  readonly filePath: string;
  /** Entries that are shown. */
  readonly directories: number;
  readonly files: number;
  /** Octets of the files that are shown. */
  readonly octets: number;
  /** Entries that there are; more than are shown when the directory is very large. */
  readonly total: number;
}

/** Control characters, as the pictures that Unicode has of them: a name is shown in one line, and nothing in it is lost. */
const CONTROLS = /[\x00-\x1f\x7f]/g;

const DIRECTION = ["", "ascending", "descending"];

interface Column {
  readonly by: SortBy;
  readonly label: string;
  readonly note: string;
  /** What the two orders show first. */
  readonly ascending: string;
  readonly descending: string;
}

const COLUMNS: readonly Column[] = [
  { by: SortBy.Name, label: "Name", note: "", ascending: "A to Z", descending: "Z to A" },
  { by: SortBy.Size, label: "Size", note: "", ascending: "smallest first", descending: "largest first" },
  {
    by: SortBy.Modified,
    label: "Modified",
    note: " <small>UTC</small>",
    ascending: "oldest first",
    descending: "newest first",
  },
];

/** The page up to its first row. */
export function renderPageStart(summary: DirectorySummary, order: Order): string {
  const names = summary.filePath.split("/").filter((name) => name !== "");
  const title = `Index of ${names.length === 0 ? "/" : `${escapeHtml(showName(summary.filePath))}/`}`;
  const parent = '<tr><th scope="row"><a class="u" href="../">Parent folder</a></th><td></td><td></td></tr>\n';
  const nothing = '<tr><td class="e" colspan="3">There is nothing in this folder.</td></tr>\n';
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">' +
    (isUsualOrder(order) ? "" : '<meta name="robots" content="noindex">') +
    `${FALCON_ICON}<title>${title}</title><style>${LISTING_STYLE}</style></head><body><main><header>${renderFalcon(' width="40" height="40"')}` +
    `${renderHeading(names)}<p>${renderSummary(summary)}</p></header>` +
    `<table aria-labelledby="h"><thead><tr>${COLUMNS.map((column) => renderColumn(column, order)).join("")}</tr></thead><tbody>\n` +
    (names.length === 0 ? "" : parent) +
    (summary.directories + summary.files === 0 ? nothing : "")
  );
}

export const PAGE_END = "</tbody></table></main></body></html>\n";

/** The name of the directory, below the way that leads to it. */
function renderHeading(names: readonly string[]): string {
  if (names.length === 0) return '<h1 id="h">Index of /</h1>';
  const crumbs = names.slice(0, -1).map((name, index) => renderCrumb(showName(name), names.length - 1 - index));
  const heading = escapeHtml(showName(names.at(-1)!));
  return (
    `<nav aria-label="Breadcrumbs"><ol>${renderCrumb("Home", names.length)}${crumbs.join("")}</ol></nav>` +
    `<h1 id="h"><span class="v">Index of </span>${heading}/</h1>`
  );
}

function renderCrumb(label: string, levelsUp: number): string {
  return `<li><a href="${"../".repeat(levelsUp)}">${escapeHtml(label)}</a></li>`;
}

function renderSummary({ directories, files, octets, total }: DirectorySummary): string {
  if (directories + files === 0) return "Empty";
  const parts: string[] = [];
  if (directories > 0) parts.push(`${withThousands(directories)} ${directories === 1 ? "folder" : "folders"}`);
  if (files > 0) parts.push(`${withThousands(files)} ${files === 1 ? "file" : "files"}`);
  if (files > 0) parts.push(`<data value="${octets}" title="${exactSize(octets)}">${humanSize(octets)}</data>`);
  const shown = directories + files;
  if (total <= shown) return parts.join(" · ");
  const note = `This folder has ${withThousands(total)} entries. Only the first ${withThousands(shown)} by name are shown here`;
  return `<strong>${note}</strong>: ${parts.join(" · ")}`;
}

function renderColumn({ by, label, note, ascending, descending }: Column, order: Order): string {
  const isCurrent = order.by === by;
  const nextDescends = isCurrent ? !order.descending : isUsuallyDescending(by);
  const sort = isCurrent ? ` aria-sort="${DIRECTION[order.descending ? 2 : 1]}"` : "";
  const effect = `Sort by ${SORT_NAME[by]}, ${nextDescends ? descending : ascending}`;
  return (
    `<th scope="col"${sort}><form rel="nofollow"><input type="hidden" name="order" value="${nextDescends ? "desc" : "asc"}">` +
    `<button name="sort" value="${SORT_NAME[by]}" title="${effect}">${label}</button></form>${note}</th>`
  );
}

/** One row of the page. */
export function renderRow({ name, isDirectory, size, modifiedMs, contentType, reference }: ListedEntry): string {
  const label = escapeHtml(showName(name)) + (isDirectory ? "/" : "");
  const pictogram = pictogramOf(contentType);
  const kind = pictogram === Pictogram.File ? "" : ` class="${pictogram}"`;
  const link = `<a${kind} href="${escapeHtml(reference)}">${label}</a>`;
  const sizeText = size < 0 ? "" : `<data value="${size}" title="${exactSize(size)}">${humanSize(size)}</data>`;
  const date = isoDate(modifiedMs);
  const day = date.slice(0, 10);
  const time = date === "" ? "" : `<time datetime="${date}">${day} ${date.slice(11, 16)}</time>`;
  return `<tr><th scope="row">${link}</th><td>${sizeText}</td><td>${time}</td></tr>\n`;
}

function showName(name: string): string {
  return shownName(name).replace(CONTROLS, (control) =>
    String.fromCharCode(control === "\x7f" ? 0x2421 : 0x2400 + control.charCodeAt(0)),
  );
}
