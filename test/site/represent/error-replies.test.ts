/** What is said with each status, to whom, and in which form. The replies' octets are looked at as a client would. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Reply } from "../../../src/http/reply.ts";
import type { RequestHead } from "../../../src/http/request-head.ts";
import { ErrorForm } from "../../../src/site/represent/error-form.ts";
import { ErrorPages } from "../../../src/site/represent/error-pages.ts";
import { ErrorReplies } from "../../../src/site/represent/error-replies.ts";
import { documentRootAt } from "../../../src/site/load/open-below.ts";
import { headOf } from "../../http/support/head-result.ts";
import { contentOf, headText } from "../../http/support/sent-reply.ts";

const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const STATUSES = [400, 401, 403, 404, 405, 408, 410, 412, 413, 414, 416, 417, 421, 429, 431, 500, 501, 503, 505];

const folder = realpathSync(mkdtempSync(join(tmpdir(), "saker-errors-")));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "404.html"), "<!doctype html><p>Ours");
writeFileSync(join(folder, "500.json"), '{"ours":true}');
const options = { root: documentRootAt(folder), followSymlinks: "inside" as const, revalidateMs: 0 };
const pages = new ErrorPages(
  options,
  new Map([
    [404, "/404.html"],
    [500, "/500.json"],
  ]),
  null,
);

function asks(accept: string | null, path = "/a/b", method = "GET"): RequestHead {
  return headOf(`${method} ${path} HTTP/1.1\r\nHost: a\r\n${accept === null ? "" : `Accept: ${accept}\r\n`}\r\n`);
}

function read(reply: Reply): { fields: Map<string, string>; content: string } {
  const lines = headText(reply).trimEnd().split("\r\n").slice(1);
  const fields = new Map(lines.map((line) => line.split(": ") as [string, string]));
  return { fields, content: contentOf(reply).toString() };
}

describe.each(STATUSES)("%d", (status) => {
  const replies = new ErrorReplies("");

  test("is one line of text for whoever names nothing", () => {
    for (const accept of [null, "*/*", "text/plain"]) {
      const { fields, content } = read(replies.of(status, false, asks(accept)));
      expect(fields.get("Content-Type")).toBe("text/plain; charset=utf-8");
      expect(fields.get("Vary")).toBe("Accept");
      expect(fields.get("Content-Length")).toBe(String(Buffer.byteLength(content)));
      expect(content).toMatch(new RegExp(`^${status} [A-Z][^\\n]*: [^\\n]+\\.\\n$`));
    }
  });

  test("is problem details for whoever prefers JSON (RFC 9457 §3)", () => {
    for (const accept of ["application/json", "application/problem+json", "application/json, text/plain, */*"]) {
      const { fields, content } = read(replies.of(status, false, asks(accept)));
      expect(fields.get("Content-Type")).toBe("application/problem+json");
      const problem = JSON.parse(content);
      expect(problem).toMatchObject({ type: "about:blank", status });
      expect([problem.title, problem.detail].every((text) => typeof text === "string" && text !== "")).toBe(true);
    }
  });

  test("is a page for a browser", () => {
    const { fields, content } = read(replies.of(status, false, asks(BROWSER)));
    expect(fields.get("Content-Type")).toBe("text/html; charset=utf-8");
    expect(content).toStartWith("<!doctype html>");
  });

  test("is the same object for every client that asks alike, and has no content for HEAD", () => {
    for (const accept of [null, "application/json", BROWSER]) {
      const full = replies.of(status, false, asks(accept, "/x"));
      expect(replies.of(status, false, asks(accept, "/y"))).toBe(full);
      const head = replies.of(status, true, asks(accept, "/x", "HEAD"));
      expect([headText(head), head.content.octetCount]).toEqual([headText(full), 0]);
      expect(full.content.octetCount).toBeGreaterThan(0);
      expect(replies.of(status, true, asks(accept, "/y", "HEAD"))).toBe(head);
    }
  });

  test("what can't be read is answered with text", () => {
    expect(read(replies.of(status)).fields.get("Content-Type")).toBe("text/plain; charset=utf-8");
  });
});

describe("the start page", () => {
  const replies = new ErrorReplies("");

  test("is linked to from everywhere but itself", () => {
    expect(read(replies.of(404, false, asks(BROWSER))).content).toContain('<a href="/">');
    const { content } = read(replies.of(404, false, asks(BROWSER, "/")));
    expect(content).not.toContain("<a ");
    expect(content).toContain("There is no start page here.");
    expect(read(replies.of(404, false, asks(BROWSER, "/?a"))).content).toBe(content);
    expect(read(replies.of(404, false, asks(BROWSER, "http://a"))).content).toBe(content);
  });

  test.each([421, 429, 500, 503])("is no way out of %d", (status) => {
    expect(read(replies.of(status, false, asks(BROWSER))).content).not.toContain("<a ");
  });
});

describe("a page of the site's own", () => {
  const replies = new ErrorReplies("", [], pages);

  test.each([null, "*/*", BROWSER, "image/png"])("HTML is for Accept: %s", (accept) => {
    const { fields, content } = read(replies.of(404, false, asks(accept)));
    expect([fields.get("Content-Type"), fields.get("Vary"), content]).toEqual([
      "text/html; charset=utf-8",
      "Accept",
      "<!doctype html><p>Ours",
    ]);
  });

  test("HTML is not for programs that prefer JSON or text", () => {
    const json = read(replies.of(404, false, asks("application/json")));
    expect([json.fields.get("Content-Type"), json.fields.get("Vary")]).toEqual(["application/problem+json", "Accept"]);
    expect(read(replies.of(404, false, asks("text/plain"))).content).toStartWith("404 Not Found: ");
    const named = replies.withPage(410, "/404.html", false, asks("application/json"));
    expect(JSON.parse(read(named).content).status).toBe(410);
    expect(read(replies.withPage(410, "/404.html", false, asks("*/*"))).content).toContain("Ours");
  });

  test("of another type is for everyone", () => {
    for (const accept of [null, BROWSER, "text/plain", "application/json"]) {
      const { fields, content } = read(replies.of(500, false, asks(accept)));
      expect([fields.get("Content-Type"), fields.get("Vary"), content]).toEqual([
        "application/json",
        undefined,
        '{"ours":true}',
      ]);
    }
  });

  test("is shown in its new version at once", () => {
    writeFileSync(join(folder, "404.html"), "<!doctype html><p>Ours, changed");
    expect(read(replies.of(404, false, asks(BROWSER))).content).toEndWith("changed");
  });
});

describe("others", () => {
  const replies = new ErrorReplies("");

  test("a redirect says where to, in each form", () => {
    const location = "/a?b&c";
    const of = (form: ErrorForm) => read(replies.redirect(308, location, false, form));
    expect(of(ErrorForm.Text).content).toBe("308 Permanent Redirect: /a?b&c\n");
    expect(JSON.parse(of(ErrorForm.Json).content)).toMatchObject({ status: 308, location });
    expect(of(ErrorForm.Html).content).toContain('<a href="/a?b&amp;c">/a?b&amp;c</a>');
    expect(of(ErrorForm.Html).fields.get("Vary")).toBe("Accept");
  });

  test("401 and 429 keep their fields in each form", () => {
    const types = [null, "application/json", BROWSER].map((accept) => {
      const { fields } = read(replies.unauthorized("R", false, asks(accept)));
      expect(fields.get("WWW-Authenticate")).toStartWith('Basic realm="R"');
      expect(read(replies.tooManyRequests(7, false, false, asks(accept))).fields.get("Retry-After")).toBe("7");
      return fields.get("Content-Type")!.split(";")[0];
    });
    expect(types).toEqual(["text/plain", "application/problem+json", "text/html"]);
    expect(read(replies.tooManyRequests(7, false, true, asks(BROWSER))).content).toBe("");
  });

  test("416 has its length in each form", () => {
    const { fields, content } = read(replies.rangeNotSatisfiable(5, asks("application/json")));
    expect([fields.get("Content-Range"), JSON.parse(content).status]).toEqual(["bytes */5", 416]);
  });
});
