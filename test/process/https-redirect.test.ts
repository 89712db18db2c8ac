/** What plain HTTP answers where everything is served by HTTPS. */
import { expect, test } from "bun:test";
import { HttpsRedirect, type PlainApplication } from "../../src/process/https-redirect.ts";
import { Reply } from "../../src/http/reply.ts";
import { buildResponseHead } from "../../src/http/response-head.ts";
import { ContentWish, Exemption } from "../../src/serving/application.ts";
import { textOf } from "../../src/http/octets.ts";
import { headOf } from "../http/support/head-result.ts";

const PORTS = { http: 80, https: 443 };

/** Answers 299, and has one endpoint. */
const plain: PlainApplication = {
  respond: () => new Reply(buildResponseHead(299, [])),
  answer() {},
  contentWish: () => ContentWish.Decline,
  exemptionOf: () => Exemption.Admins,
  refusal: (status) => new Reply(buildResponseHead(status, [])),
  isForEndpoint: ({ bytes, pathEnd, pathStart }) => textOf(bytes, pathStart, pathEnd) === "/health",
};
const options = { serverField: "saker", ports: PORTS, isBehindProxy: false };
const application = new HttpsRedirect(plain, options);

const fieldsOf = (reply: Reply) => Object.fromEntries(reply.fieldsAt(0));

test.each<[request: string, status: number]>([
  ["GET / HTTP/1.1\r\nHost: a", 308],
  ["GET /health/x HTTP/1.1\r\nHost: a", 308],
  ["DELETE /health HTTP/1.1\r\nHost: a", 308],
  ["GET /.well-known/acme-challenge HTTP/1.1\r\nHost: a", 308],
  ["GET /.well-known/acme-challenge/ HTTP/1.1\r\nHost: a", 308],
  ["POST /.well-known/acme-challenge/token HTTP/1.1\r\nHost: a", 308],
  ["GET /.well-known/acme-challenge/../../x HTTP/1.1\r\nHost: a", 308],
  ["GET /.well-known/acme-challenge/%2e%2e/%2e%2e/x HTTP/1.1\r\nHost: a", 308],
  ["GET /.well-known/acme-challenge/.. HTTP/1.1\r\nHost: a", 308],
  ["GET /.well-known/acme-challenge/a/b HTTP/1.1\r\nHost: a", 308],
  ["GET /.well-known/acme-challenge/aZ09-_ HTTP/1.1\r\nHost: a", 299],
  ["GET /.well-known/acme-challenge/token HTTP/1.1\r\nHost: a", 299],
  ["HEAD /.well-known/acme-challenge/token HTTP/1.1\r\nHost: a", 299],
  ["GET /health HTTP/1.1\r\nHost: a", 299],
  ["OPTIONS * HTTP/1.1\r\nHost: a", 299],
  ["GET / HTTP/1.0", 400],
])("%j: %p", (request, status) => {
  const reply = application.respond(headOf(`${request}\r\n\r\n`), 0)!;
  expect(reply.status).toBe(status);
  const location = status === 308 ? expect.stringMatching(/^https:\/\/a\//) : undefined;
  expect(fieldsOf(reply).Location).toEqual(location);
});

test.each<[isBehindProxy: boolean, proto: string, status: number]>([
  [true, "https", 299],
  [true, "http, HTTPS", 299],
  [true, "https, http", 308],
  [false, "https", 308],
])("where a proxy is trusted (%p) that says %j: %p", (isBehindProxy, proto, status) => {
  const head = headOf(`GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: ${proto}\r\n\r\n`);
  expect(new HttpsRedirect(plain, { ...options, isBehindProxy }).respond(head, 0)!.status).toBe(status);
});

test("nor is a gateway sent in circles whose client asks for https", () => {
  const head = headOf("GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n");
  const redirect = new HttpsRedirect(plain, { ...options, isBehindProxy: true });
  expect(redirect.respond(head, 0)!.status).toBe(308);
  head.isFromGateway = true;
  expect(redirect.respond(head, 0)!.status).toBe(299);
});

test("what is refused, and whom limits don't concern, is for what answers otherwise to say", () => {
  const head = headOf("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(application.refusal(414, head).status).toBe(414);
  expect(application.exemptionOf(head, true)).toBe(Exemption.Admins);
  expect(application.contentWish(head)).toBe(ContentWish.Decline);
});

test("the Server field is as it is set", () => {
  const reply = new HttpsRedirect(plain, { ...options, serverField: "" }).respond(
    headOf("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    0,
  )!;
  expect(fieldsOf(reply)).toEqual({ Date: expect.any(String), Location: "https://a/", "Content-Length": "0" });
});
