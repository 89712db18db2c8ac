/** What a response says to the origin that asks: lines behind a head that all origins share. */
import { expect, test } from "bun:test";
import { octetsReply, type Reply } from "../../../src/http/reply.ts";
import { OriginLines } from "../../../src/site/represent/origin-lines.ts";
import { becauseOf } from "../../../src/site/rules/because.ts";
import { compileCors } from "../../../src/site/rules/cors-rule.ts";
import { headOf } from "../../http/support/head-result.ts";
import { contentOf, headText } from "../../http/support/sent-reply.ts";

const rule = compileCors(
  {
    path: "/open/*",
    allowed_origins: ["https://one.example", "https://*.many.example"],
    allowed_methods: ["GET"],
    allowed_headers: [],
    exposed_headers: ["X-Page"],
    allow_credentials: true,
    max_age_seconds: 60,
  },
  becauseOf("cors"),
)!;
const HEAD = "HTTP/1.1 200 OK\r\nVary: Origin\r\n";
const reply = octetsReply(200, [["Vary", "Origin"]], Buffer.from("content"));

function answer(lines: OriginLines, origin: string, path = "/open/a"): Reply {
  return lines.addTo(reply, headOf(`GET ${path} HTTP/1.1\r\nHost: a\r\nOrigin: ${origin}\r\n\r\n`));
}

test("each origin that is allowed is named to itself", () => {
  const lines = new OriginLines(rule);
  for (const origin of ["https://one.example", "https://a.many.example", "https://b.many.example"]) {
    const sent = answer(lines, origin);
    expect(headText(sent)).toBe(
      `${HEAD}Access-Control-Allow-Origin: ${origin}\r\nAccess-Control-Allow-Credentials: true\r\n` +
        "Access-Control-Expose-Headers: X-Page\r\n\r\n",
    );
    expect([sent.head, sent.content]).toEqual([reply.head, reply.content]);
    expect(sent.head).toBe(reply.head);
    expect(contentOf(sent).toString()).toBe("content");
  }
  expect(headText(reply)).toBe(`${HEAD}\r\n`);
});

test("the lines for an origin are made once", () => {
  const lines = new OriginLines(rule);
  const first = answer(lines, "https://one.example");
  expect(answer(lines, "https://one.example").lines).toBe(first.lines!);
});

test("whoever may not read it gets the reply as it is", () => {
  const lines = new OriginLines(rule);
  expect(answer(lines, "https://evil.example")).toBe(reply);
  expect(answer(lines, "https://evil.example")).toBe(reply);
  expect(answer(lines, "https://one.example", "/closed/a")).toBe(reply);
});

test("more origins than are kept get their lines all the same", () => {
  const lines = new OriginLines(rule);
  for (let number = 0; number < 200; number++) {
    const origin = `https://a${number}.many.example`;
    expect(headText(answer(lines, origin))).toContain(`Access-Control-Allow-Origin: ${origin}\r\n`);
  }
});
