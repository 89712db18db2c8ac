import { describe, expect, test } from "bun:test";
import { SortBy } from "../../../src/site/listing/listing-order.ts";
import { type DirectorySummary, PAGE_END, renderPageStart, renderRow } from "../../../src/site/listing/listing-page.ts";
import { directory, file } from "./entries.ts";

const BY_NAME = { by: SortBy.Name, descending: false };

function startOf(summary: Partial<DirectorySummary>, order = BY_NAME): string {
  const whole = { filePath: "/", directories: 1, files: 2, octets: 3072, total: 3, ...summary };
  return renderPageStart(whole, order);
}

/** The text of a piece of HTML, as a reader sees it. */
function textOf(html: string): string {
  let text = "";
  new HTMLRewriter().onDocument({ text: (chunk) => void (text += chunk.text) }).transform(html);
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

function hrefsOf(html: string): string[] {
  return [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href!.replaceAll("&amp;", "&"));
}

describe("a name is shown as it is, and leads to its file", () => {
  test.each([
    ["plain.txt", "plain.txt"],
    ["with space", "with space"],
    ["100%.txt", "100%.txt"],
    ["%2e%2e", "%2e%2e"],
    ["a%2Fb", "a%2Fb"],
    ["what?.txt", "what?.txt"],
    ["#1", "#1"],
    ["a&b=c;d", "a&b=c;d"],
    ["&lt;", "&lt;"],
    ["<script>alert(1)</script>", "<script>alert(1)</script>"],
    [`"><img src=x onerror=alert(1)>`, `"><img src=x onerror=alert(1)>`],
    [`' onmouseover='x`, `' onmouseover='x`],
    ["`${x}`", "`${x}`"],
    ["javascript:alert(1)", "javascript:alert(1)"],
    ["http:", "http:"],
    ["back\\slash", "back\\slash"],
    ["--></style></title>", "--></style></title>"],
    ["ünï…", "ünï…"],
    ["日本語", "日本語"],
    ["😀", "😀"],
    ["e\u0301", "e\u0301"],
    ["\ufffd", "\ufffd"],
    ["new\nline", "new␊line"],
    ["cr\rlf\n", "cr␍lf␊"],
    ["tab\there", "tab␉here"],
    ["\x1b[31mred\x7f", "␛[31mred␡"],
    ["\u202eexe.txt", "\u202eexe.txt"],
    ["...", "..."],
    ["~+$,;=:@!*()'", "~+$,;=:@!*()'"],
  ])("%p", (name, shown) => {
    const row = renderRow(file(name));
    expect(textOf(row.slice(0, row.indexOf("</th>")))).toBe(shown);
    const [href] = hrefsOf(row);
    expect(href).toMatch(/^[A-Za-z0-9._~!*()%-]+$/);
    const url = new URL(href!, "http://test.example/folder/");
    expect(url.host + url.search + url.hash).toBe("test.example");
    expect(decodeURIComponent(url.pathname)).toBe(`/folder/${name}`);
    expect(row.match(/<[a-z]+/g)).toEqual(["<tr", "<th", "<a", "<td", "<data", "<td", "<time"]);
  });

  test("a directory's ends with a slash, in text and reference", () => {
    const row = renderRow(directory("a b"));
    expect(row).toContain('<a class="d" href="a%20b/">a b/</a></th><td></td>');
  });

  test("a name that is no UTF-8 is shown with U+FFFD, and leads to its octets", () => {
    const row = renderRow(file("caf\udce9<\udc80"));
    expect(hrefsOf(row)).toEqual(["caf%E9%3C%80"]);
    expect(textOf(row)).toStartWith("caf\ufffd<\ufffd");
    expect(startOf({ filePath: "/caf\udce9" }).isWellFormed()).toBe(true);
  });
});

test("a row's class says what kind of file it is", () => {
  expect(renderRow(file("a.png"))).toContain('<a class="i" href="a.png">');
  expect(renderRow(file("a.bin"))).toContain('<a href="a.bin">');
});

test("columns are as wide in every folder, and pictograms are drawn in forced colours and when printed", () => {
  const page = startOf({});
  expect(page).toContain("table-layout:fixed");
  expect(page).toMatch(/@media\(forced-colors:active\)\{[^@]*forced-color-adjust:none;background:CanvasText/);
  expect(page).toContain("print-color-adjust:exact");
});

test("a row has the size for people and in octets, and the time for people and for machines", () => {
  const row = renderRow(file("a", 1_234_567, Date.UTC(2024, 4, 1, 12, 34, 56)));
  expect(row).toContain('<data value="1234567" title="1,234,567 bytes">1.2\u00a0MiB</data>');
  expect(row).toContain('<time datetime="2024-05-01T12:34:56Z">2024-05-01 12:34</time>');
});

describe("breadcrumbs", () => {
  test.each([
    ["/", [], "Index of /", "Index of /"],
    ["/a", ["../"], "Index of a/", "Index of /a/"],
    ["/a/b c/d", ["../../../", "../../", "../"], "Index of d/", "Index of /a/b c/d/"],
    ["/<b>/\n&", ["../../", "../"], "Index of ␊&/", "Index of /<b>/␊&/"],
  ])("%p", (filePath, hrefs, heading, title) => {
    const page = startOf({ filePath });
    const nav = /<nav.*<\/nav>/.exec(page)?.[0] ?? "";
    expect(hrefsOf(nav)).toEqual(hrefs);
    expect(textOf(/<h1.*<\/h1>/.exec(page)![0])).toBe(heading);
    expect(textOf(/<title>.*<\/title>/.exec(page)![0])).toBe(title);
    expect(page.includes('href="../">Parent folder')).toBe(filePath !== "/");
  });
});

describe("summary", () => {
  test.each<[Partial<DirectorySummary>, string]>([
    [{}, "1 folder · 2 files · 3.0\u00a0KiB"],
    [{ directories: 2, files: 0, total: 2 }, "2 folders"],
    [{ directories: 0, files: 1, octets: 5, total: 1 }, "1 file · 5\u00a0B"],
    [{ directories: 0, files: 0, total: 0 }, "Empty"],
    [
      { directories: 0, files: 10_000, octets: 0, total: 100_000 },
      "This folder has 100,000 entries. Only the first 10,000 by name are shown here: 10,000 files · 0\u00a0B",
    ],
  ])("%p", (summary, text) => {
    const page = startOf(summary);
    expect(textOf(/<p>.*?<\/p>/.exec(page)![0])).toBe(text);
    expect(page.includes("There is nothing in this folder.")).toBe(summary.total === 0);
  });
});

describe("column headings lead to the other orders", () => {
  test.each([
    [BY_NAME, "ascending", ["name&order=desc", "size&order=desc", "modified&order=desc"]],
    [{ by: SortBy.Name, descending: true }, "descending", ["name&order=asc", "size&order=desc", "modified&order=desc"]],
    [{ by: SortBy.Size, descending: true }, "descending", ["name&order=asc", "size&order=asc", "modified&order=desc"]],
    [
      { by: SortBy.Modified, descending: false },
      "ascending",
      ["name&order=asc", "size&order=desc", "modified&order=desc"],
    ],
  ])("%p", (order, direction, queries) => {
    const head = /<thead>.*<\/thead>/.exec(startOf({}, order))![0];
    expect(hrefsOf(head)).toEqual([]); // what follows links, such as `wget --mirror`, doesn't follow these
    const forms = head.split(`<form rel="nofollow">`).slice(1);
    const queryOf = (form: string): string =>
      `${/name="sort" value="(\w+)"/.exec(form)![1]}&order=${/name="order" value="(\w+)"/.exec(form)![1]}`;
    expect(forms.map(queryOf)).toEqual(queries);
    expect(head.split("<th ")[order.by + 1]).toStartWith(`scope="col" aria-sort="${direction}">`);
    expect(head.split("aria-sort")).toHaveLength(2);
    expect(startOf({}, order).includes('content="noindex"')).toBe(order !== BY_NAME);
  });
});

test("the page needs nothing from elsewhere, no script, and says nothing of the server", () => {
  const page = startOf({ filePath: "/a/b" }) + renderRow(file("x")) + PAGE_END;
  expect(page).toStartWith("<!doctype html>");
  const [icon, ...more] = page.match(/<link[^>]*>/g)!; // without it, browsers ask for /favicon.ico
  expect(more).toEqual([]);
  expect(icon).toStartWith('<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns=');
  expect(page.replace(icon!, "")).not.toMatch(/https?:|url\(|@import|<script|<img|src=|\son[a-z]+=/i);
  expect(page).not.toMatch(/saker|bun\b|\/srv|\/home|version \d/i);
});

test("every element that begins ends again, in order", () => {
  const page = startOf({ filePath: "/a/b" }) + renderRow(directory("d")) + renderRow(file("x", -1, NaN)) + PAGE_END;
  const open: string[] = [];
  for (const [, slash, name] of page.replace(/<style>.*<\/style>/, "").matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
    if (slash === "/") expect(open.pop()).toBe(name!);
    else if (!["input", "link", "meta", "path"].includes(name!)) open.push(name!);
    if (name === "path") expect(slash).toBe("");
  }
  expect(open).toEqual([]);
});
