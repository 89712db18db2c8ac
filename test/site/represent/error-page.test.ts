import { describe, expect, test } from "bun:test";
import { renderErrorPage } from "../../../src/site/represent/error-page.ts";

/** With the head, one segment on an Ethernet (1448 octets of TCP payload). */
const PAGE_OCTETS_MAX = 1280;
const EXPLANATION = "A sentence of the usual length says what that means, and perhaps another what to do next.";

const STATUSES: readonly [number, string][] = [
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [408, "Request Timeout"],
  [413, "Content Too Large"],
  [414, "URI Too Long"],
  [416, "Range Not Satisfiable"],
  [421, "Misdirected Request"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [451, "Unavailable For Legal Reasons"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [505, "HTTP Version Not Supported"],
];

describe.each(STATUSES)("%d %s", (status, reason) => {
  const page = renderErrorPage(status, reason, EXPLANATION, { reference: "/", label: "Go to the start page" });

  test("is small and whole", () => {
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(PAGE_OCTETS_MAX);
    expect(page).toStartWith("<!doctype html>");
    expect(page).toContain(`<title>${status} ${reason}</title>`);
    expect(textOf(page)).toContain(`${status} ${reason}`); // not "404Not Found"
  });

  test("needs nothing from elsewhere and says nothing of the server", () => {
    expect(page).not.toMatch(/https?:|url\(|@import|<script|<img|src=/i);
    expect(page.match(/<link[^>]*>/g)).toEqual(['<link rel="icon" href="data:,">']); // no browser asks for /favicon.ico
    expect(page).not.toMatch(/saker|bun\b|\/srv|\/home|version \d/i);
  });
});

test.each([
  ["markup", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"],
  ["quotes", `"x" 'y'`, "&quot;x&quot; &#39;y&#39;"],
  ["a reference", "a &lt; b", "a &amp;lt; b"],
])("escapes %s in reason and explanation", (_, text, escaped) => {
  const page = renderErrorPage(400, text, text, { reference: `/${text}`, label: text });
  expect(page).not.toContain(text);
  expect(page.split(escaped)).toHaveLength(6); // title, heading, explanation, and the link twice
});

test("a page without a link has none", () => {
  expect(renderErrorPage(404, "Not Found", EXPLANATION, null)).not.toContain("<a ");
});

/** As a text browser shows it, or a screen reader reads it. */
function textOf(page: string): string {
  return page.replace(/<style>.*<\/style>|<title>.*<\/title>/gs, "").replace(/<[^>]*>/g, "");
}
