/** `_redirects`: what its lines become, and what is said of those that are not obeyed. */
import { describe, expect, test } from "bun:test";
import { becauseOfLine } from "../../../src/site/rules/because.ts";
import { expandLocation, expandPath, locationText } from "../../../src/site/rules/move-target.ts";
import { factsFor, factsOfText } from "../../../src/site/rules/conditions.ts";
import { originOfRequest } from "../../../src/site/rules/origin-condition.ts";
import { firstMove } from "../../../src/site/rules/move.ts";
import { parseNetlifyRedirects } from "../../../src/site/rules/netlify-redirects.ts";
import { segmentsOf } from "../../../src/site/rules/path-pattern.ts";

describe("_redirects", () => {
  /** What the first rule that matches does, in words. */
  function outcome(text: string, target: string, acceptLanguage: string | null = null): string {
    const { moves } = parseNetlifyRedirects(text);
    const [, scheme, host = "", port = "", pathAndQuery = target] =
      /^(https?):\/\/([^/:]*)(?::(\d+))?(.*)$/.exec(target) ?? [];
    const [path = "", query = ""] = pathAndQuery.split("?");
    const origin = scheme === undefined ? null : originOfRequest(scheme as "http" | "https", host, port);
    const facts = factsFor(moves, segmentsOf(path), { query, acceptLanguage, origin }) ?? undefined;
    const isDirectory = path.endsWith("/");
    const match = firstMove(moves, segmentsOf(path), isDirectory, facts && factsOfText(facts.text), () => true);
    if (match === null) return "nothing";
    const { when, action } = match.move;
    if (action.kind !== "redirect") return `${when} ${action.kind} ${expandPath(action.target, match.remembered)}`;
    return `${when} ${action.status} ${locationText(expandLocation(action.target, match.remembered), "")}`;
  }

  test.each([
    ["/a /b", "/a", "missing 301 /b"],
    ["/a /b 302", "/a", "missing 302 /b"],
    ["/a /b 301!", "/a", "always 301 /b"],
    ["  /a\t/b   308  # why", "/a", "missing 308 /b"],
    ["/a /b", "/a/", "missing 301 /b"],
    ["/a /b#c", "/a", "missing 301 /b#c"],
    ["/a /b?c=d", "/a", "missing 301 /b?c=d"],
    ["/news/* /blog/:splat", "/news/1/2", "missing 301 /blog/1/2"],
    ["/news/:y/:m /blog/:m/:y", "/news/2026/01", "missing 301 /blog/01/2026"],
    ["/a https://example.com/b", "/a", "missing 301 https://example.com/b"],
    ["/* /index.html 200", "/any/thing", "missing rewrite /index.html"],
    ["/app/* /app.html 200!", "/app/x", "always rewrite /app.html"],
    ["/* /404.html 404", "/x", "missing fail /404.html"],
    ["/a%20b /c", "/a b", "missing 301 /c"],
    ["/a /b\r\n/c /d\r\n", "/c", "missing 301 /d"],
    ["/a /b # why\r\n/c /d # why\r\n", "/c", "missing 301 /d"],
    ["# /a /b\r\n  # /a /c\r\n#\r\n/a /d\r\n", "/a", "missing 301 /d"],
    ["/a /b\r/c /d # why\r", "/c", "missing 301 /d"],
    ["\ufeff/a /b", "/a", "missing 301 /b"],
    ["\ufeff# why\n/a /b", "/a", "missing 301 /b"],
    ["\t/a\t\t/b\t301 \t", "/a", "missing 301 /b"],
    ["\u00a0/a\u00a0/b", "/a", "missing 301 /b"],
    ["/a /b#c # why", "/a", "missing 301 /b#c"],
    ["/a /b #c", "/a", "missing 301 /b"],
    ["/a /b 302 #c", "/a", "missing 302 /b"],
    ["/a /first\n/a /second", "/a", "missing 301 /first"],
    ["# /a /b\n\n", "/a", "nothing"],
    ["/a /b", "/c", "nothing"],
  ])("%j  %s: %s", (text, path, words) => {
    expect(parseNetlifyRedirects(text).notes).toEqual([]);
    expect(outcome(text, path)).toBe(words);
  });

  /** What Netlify's own matcher says, except where a row says otherwise. */
  test.each([
    ["/docs/* https://new.example/:splat", "/docs/guide/", "https://new.example/guide/"],
    ["/docs/* https://new.example/:splat", "/docs/guide", "https://new.example/guide"],
    ["/docs/* https://new.example/:splat", "/docs/a/b/", "https://new.example/a/b/"],
    ["/docs/* https://new.example/:splat", "/docs/", "https://new.example/"],
    ["/docs/* https://new.example/:splat", "/docs", "https://new.example/"],
    ["/docs/* /new/:splat", "/docs/", "/new/"],
    ["/docs/*/ /new/:splat", "/docs/a/", "/new/a/"],
    ["/a/* /x", "/a/1/", "/x"],
    ["/a/* /b/:splat?q=1", "/a/x/", "/b/x/?q=1"],
    ["/a/* /b/:splat#f", "/a/x/", "/b/x/#f"],
    ["/a/* /b?y=:splat", "/a/x/", "/b?y=x%2F"], // encoded, unlike there
    ["/a/* /x/:splat/y", "/a/1/", "/x/1/y"], // "/x/1//y" there
    ["/a/* /x/:splat.html", "/a/1/", "/x/1.html"], // "/x/1/.html" there
    ["/a/* /x/:splat/:splat", "/a/1/2/", "/x/1/2/1/2/"],
    ["/a/* /x:splat", "/a/b", "/xb"],
    ["/a/ /b", "/a", "/b"],
    ["/a/b/ /c/", "/a/b", "/c/"],
    ["/news/:y/:m /blog/:m/:y", "/news/1/2/", "/blog/2/1"],
    ["/a/:b/* /x/:b/:splat", "/a/1/2/3/", "/x/1/2/3/"],
    ["/a/:b_c /x/:b_c.html", "/a/1", "/x/1.html"],
    ["/a/*/b /x/:splat", "/a/1/2/b/", "/x/1/2"],
    ["/a/*/b /x/:splat", "/a/b", "/x/"],
    ["/*/b /x/:splat", "/1/2/b", "/x/1/2"],
    ["/a/*/b/* /x/:splat", "/a/1/b/c/", "/x/1"],
    ["/a* /x/:splat", "/ab/c", "/x/b/c"],
    ["/a*/c /x/:splat", "/ab/c", "/x/b"],
    ["/* /x/:splat", "/", "/x/"],
    ["/* /x/:splat", "/é/a b", "/x/%C3%A9/a%20b"],
    ["/a%2Fb /x", "/a/b", "/x"], // a slash is a slash, however it is spelled; nothing there
    ["/a/* /:splat", "/a/", "/"],
    ["/a/* /:splat/b", "/a/", "/b"], // "//b" there: a host
    ["/a /b", "/A", "nothing"],
    ["/a/*/b /x/:splat", "/a/1/b/c", "nothing"],
  ])("%s  %s: %s", (text, path, location) =>
    expect(outcome(text, path)).toBe(location === "nothing" ? location : `missing 301 ${location}`),
  );

  test.each([
    ["/a/* 200", "/a/x", "missing rewrite /a/x"],
    ["/a/* 200!", "/a/x/", "always rewrite /a/x"],
    ["/a/* /b/:splat 200", "/a/c/", "missing rewrite /b/c"],
    ["/a/* /b/:splat.json 200", "/a/c/", "missing rewrite /b/c.json"],
  ])("%s  %s: %s", (text, path, words) => expect(outcome(text, path)).toBe(words));

  test.each([
    ["/a 200", "no path or URL to go to"],
    ["/a/* 301", "no path or URL to go to"],
    ["/a\ufffd /b", "this is not text in UTF-8 or UTF-16"],
    ["/a /b\0", "this is not text in UTF-8 or UTF-16"],
    ["/a /x 301 !", "conditions are not supported"],
    ["/a /x !301", "no status such as 301"],
    [`/a /b ${"x".repeat(9000)}`, `no status such as 301 or 301!: "${"x".repeat(80)}…"`],
    ["/a", "no path or URL to go to"],
    ["a /b", 'no path such as "/old/*": "a"'],
    ["//a.example/* /b", 'no path such as "/old/*"'],
    ["http://*.example/* /b", 'no path such as "/old/*"'],
    ["http:///a /b", 'no path such as "/old/*"'],
    ["http://u@a.example/* /b", 'no path such as "/old/*"'],
    ["http://u:p@a.example/* /b", 'no path such as "/old/*"'],
    ["http://a.example:99999/* /b", 'no path such as "/old/*"'],
    ["ftp://a.example/* /b", 'no path such as "/old/*"'],
    ["a.example/* /b", 'no path such as "/old/*"'],
    ["http://a.example/../b /c", 'no path such as "/old/*"'],
    ["http://a.example/a?b /c", 'no path such as "/old/*"'],
    ["/a/../b /c", "no path such as"],
    ["/a //evil.example", "no path or URL to go to"],
    ["/a /\\evil.example", "no path or URL to go to"],
    ["/a https://:splat/", "no path or URL to go to"],
    ["/* https://:splat/", "no path or URL to go to"],
    ["/a id=:id&x=1 /b", "no parameter of a query such as id=:id"],
    ["/a id=:id /b/:other", '":other" is not in "/a"'],
    ["/a /b 302 Country=de", 'conditions are not supported: "Country=de"'],
    ["/a /b Country=de", 'conditions are not supported: "Country=de"'],
    ["/a /b 301 Language=", 'conditions are not supported: "Language="'],
    ["/a /b 301 Language=de Cookie=x", 'conditions are not supported: "Cookie=x"'],
    ["/a /b 999", "no status such as 301"],
    ["/a /b 100", "status 100 is not supported"],
    ["/a /b 304", "status 304 is not supported"],
    ["/a /:b", '":b" is not in "/a"'],
    ["/api/* https://api.example/:splat 200", "not a file of this site"],
    ["/a /../b 200", "not a file of this site"],
    ["/a /x 404 Role=admin", "conditions are not supported"],
  ])("%j is noted: %s", (text, problem) => {
    const { moves, notes } = parseNetlifyRedirects(`# first\n${text}\n/z /y\n`);
    expect(notes).toEqual([expect.stringContaining(problem)]);
    expect(notes[0]).toStartWith("_redirects:2: ");
    expect(moves).toHaveLength(1);
  });

  test.each([
    ["/store id=:id /blog/:id 301", "/store?id=5", "missing 301 /blog/5"],
    ["/store id=:id /blog/:id 301", "/store?x=1&id=a%2Bb+c&id=no", "missing 301 /blog/a+b%20c"],
    ["/store id=:id /blog/:id 301", "/store", "nothing"],
    ["/store id=:id /blog/:id 301", "/store?id=", "nothing"],
    ["/store id=:id /blog/:id 301", "/store?id=a%2Fb", "nothing"],
    ["/store id=:id /blog/:id 301", "/store?id=..", "nothing"],
    ["/store id=:id /blog/:id.html 200", "/store?id=a%00", "nothing"],
    ["/store id=:id /blog/:id 301", "/store?id=%ff", "nothing"],
    ["/a id=:id tag=:tag /p/:tag/:id\n/a id=:id /p/:id\n/a /p", "/a?tag=t&id=i", "missing 301 /p/t/i"],
    ["/a id=:id tag=:tag /p/:tag/:id\n/a id=:id /p/:id\n/a /p", "/a?id=i", "missing 301 /p/i"],
    ["/a id=:id tag=:tag /p/:tag/:id\n/a id=:id /p/:id\n/a /p", "/a?tag=t", "missing 301 /p"],
    ["/a id=5 /five 301!", "/a?id=5", "always 301 /five"],
    ["/a id=5 /five 301!", "/a?id=50", "nothing"],
    ["/a color /any 200", "/a?color", "missing rewrite /any"],
    ["/a color /any 200", "/a?colors=1", "nothing"],
    ["/path/* p=:v /other/:v/:splat", "/path/x/y?p=1", "missing 301 /other/1/x/y"],
  ])("%j  %s: %s", (text, target, words) => {
    expect(parseNetlifyRedirects(text).notes).toEqual([]);
    expect(outcome(text, target)).toBe(words);
  });

  test.each([
    ["de", "missing 302 /de"],
    ["de-AT, en;q=0.9", "missing 302 /de"],
    ["en;q=0.8, DE;q=0.9", "missing 302 /de"],
    ["en, de", "missing 302 /en"],
    ["den", "missing 302 /en"],
    ["de;q=0, *", "missing 302 /en"],
    ["x".repeat(5000), "missing 302 /en"],
    ["", "missing 302 /en"],
    [null, "missing 302 /en"],
  ])("Language=de,at for Accept-Language: %s: %s", (language, words) => {
    const text = "/ /de 302 Language=de,at\n/ /en 302";
    expect(parseNetlifyRedirects(text).notes).toEqual([]);
    expect(outcome(text, "/", language)).toBe(words);
  });

  const OLD = "http://old.example/* http://new.example/:splat 301!";
  test.each([
    [OLD, "http://old.example/a/b/", "always 301 http://new.example/a/b/"],
    [OLD, "http://OLD.example./a", "always 301 http://new.example/a"],
    [OLD, "http://old.example:8080/a", "always 301 http://new.example/a"],
    [OLD, "http://old.example/", "always 301 http://new.example/"],
    [OLD, "https://old.example/a", "nothing"],
    [OLD, "http://other.example/a", "nothing"],
    [OLD, "http://sub.old.example/a", "nothing"],
    [OLD, "/a", "nothing"],
    ["http://Old.Example:8080/* /:splat", "http://old.example:8080/a/b", "missing 301 /a/b"],
    ["http://old.example:8080/* /:splat", "http://old.example/a", "nothing"],
    ["http://old.example:80/a /b", "http://old.example:81/a", "missing 301 /b"],
    ["https://old.example:444/a /b", "https://old.example:444/a", "missing 301 /b"],
    ["http://old.example /b", "http://old.example/", "missing 301 /b"],
    ["http://old.example /b", "http://old.example/a", "nothing"],
    ["http://bücher.example/a /b", "http://xn--bcher-kva.example/a", "missing 301 /b"],
    ["http://old.example/caf%C3%A9 /b", "http://old.example/café", "missing 301 /b"],
    ["http://old.example/a id=:id /b/:id", "http://old.example/a?id=1", "missing 301 /b/1"],
    ["http://old.example/a id=:id /b/:id", "http://new.example/a?id=1", "nothing"],
    [`${OLD}\n/* /other`, "http://old.example/a", "always 301 http://new.example/a"],
    [`${OLD}\n/* /other`, "http://new.example/a", "missing 301 /other"],
  ])("%j  %s: %s", (text, target, words) => {
    expect(parseNetlifyRedirects(text).notes).toEqual([]);
    expect(outcome(text, target)).toBe(words);
  });

  test("two hosts that no rule tells apart have the same facts", () => {
    const { moves } = parseNetlifyRedirects(`${OLD}\nhttp://old.example:8080/x /y\n/other /z`);
    const textFor = (host: string, port: string, path = "/x") =>
      factsFor(moves, segmentsOf(path), {
        query: "",
        acceptLanguage: null,
        origin: originOfRequest("http", host, port),
      })?.text;
    expect(textFor("a.example", "")).toBe("");
    expect(textFor("b.example", "1")).toBe("");
    expect(textFor("old.example", "1")).toBe(textFor("OLD.example", "2"));
    expect(new Set([textFor("old.example", ""), textFor("old.example", "8080"), textFor("b.example", "")]).size).toBe(
      3,
    );
  });

  test("says which line it was", () => {
    expect(parseNetlifyRedirects("\n# x\n/a /b\n").moves[0]!.because).toEqual(becauseOfLine("_redirects", 3));
  });
});
