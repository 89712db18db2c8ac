import { describe, expect, test } from "bun:test";
import { asksFirstFor, prefersMediaType } from "../../src/http/media-range.ts";

const asksForJson = (accept: string | null): boolean => prefersMediaType(accept, "application/json", "text/html");

describe("clients that get JSON rather than HTML", () => {
  test.each([
    "application/json",
    "Application/JSON",
    "application/json, */*",
    "application/json, text/plain, */*",
    "application/json;q=0.9, */*;q=0.8",
    "application/json;q=0.1",
    "application/*",
    "application/*, */*",
    "text/html;q=0.5, application/json",
    "text/html;q=0, */*",
    "*/*, text/html;q=0.999",
    "application/json;charset=utf-8",
    "application/json;odata=verbose",
    'application/json;profile="a, text/html;q=1"',
    " application/json ; q=1.000 , text/html;q=0.9",
    "text/*;q=0.2, application/json;q=0.3",
    "nonsense, application/json",
    ",,application/json,,",
  ])("%s", (accept) => expect(asksForJson(accept)).toBe(true));
});

describe("clients that get HTML", () => {
  test.each([
    null,
    "",
    "*/*",
    "text/html",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "text/html, application/json",
    "application/json, text/html",
    "application/json;q=0.5, text/html;q=0.5",
    "application/json;q=0.8, text/html",
    "application/json;q=0",
    "application/json;q=0, */*;q=0.1",
    "application/json;q=0.000",
    "text/*, application/*",
    "text/html, application/*",
    "image/png",
    "application/xml",
    "application/jsonx",
    "application/json+ld",
    "text/json",
    "*/json",
    "/",
    ";q=1",
    "application/json;q=2",
    "application/json;q=-1",
    "application/json;q=high",
    "application/json;q=",
    "application/json;q=0.1234",
    '"application/json"',
    'text/html;x="application/json',
  ])("%p", (accept) => expect(asksForJson(accept)).toBe(false));
});

test("the most specific range decides (RFC 9110 §12.5.1)", () => {
  const accept = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5";
  // text/plain 0.7; text/html 0.3; image/jpeg 0.5
  expect(prefersMediaType(accept, "text/plain", "image/jpeg")).toBe(true);
  expect(prefersMediaType(accept, "text/html", "image/jpeg")).toBe(false);
  expect(prefersMediaType(accept, "image/jpeg", "text/html")).toBe(true);
});

test("a long value takes linear time", () => {
  expect(asksForJson(`${"a/b;".repeat(4000)}, ${'"'.repeat(4001)}`)).toBe(false);
});

describe("asking for a page before anything else", () => {
  test.each([
    "text/html",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "application/json;q=0.9, Text/HTML",
    "text/html;q=0.2, */*;q=0.1",
    "text/html;level=1, */*",
  ])("%s does", (accept) => expect(asksFirstFor(accept, "text/html")).toBe(true));
  test.each([
    null,
    "",
    "*/*",
    "text/*",
    "image/avif,image/webp,image/apng,image/*,*/*;q=0.8",
    "text/css,*/*;q=0.1",
    "application/json, text/html",
    "*/*, text/html",
    "text/html;q=0",
    "text/html;q=x",
    'application/json;profile="a, text/html"',
  ])("%s does not", (accept) => expect(asksFirstFor(accept, "text/html")).toBe(false));
});
