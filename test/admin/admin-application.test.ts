/** Endpoints as an application: from exchanges to replies. */
import { describe, expect, test } from "bun:test";
import { AdminApplication } from "../../src/admin/admin-application.ts";
import { ContentKind } from "../../src/http/content.ts";
import { octetsReply, type Reply } from "../../src/http/reply.ts";
import { Exemption } from "../../src/serving/application.ts";
import { FakeExchange } from "../serving/support/fake-exchange.ts";
import { TemporarySegment } from "../stats/temporary-segment.ts";

const STRANGER = "203.0.113.9";

function applicationWith(temporary: TemporarySegment, { serverField = "saker", prefix = "" } = {}) {
  const errors: unknown[] = [];
  const application = new AdminApplication({
    prefix,
    allow: ["127.0.0.0/8"],
    segment: temporary.segment,
    version: "1.2.3",
    commit: "abc",
    serverField,
    errors: { of: (status) => octetsReply(status, [], Buffer.from(`error ${status}`)) },
    onError: (error) => errors.push(error),
  });
  return { application, errors };
}

const headText = ({ head: { h1 } }: Reply): string => h1.octets.toString("latin1", 0, h1.end);

function contentText({ content }: Reply): string {
  if (content.kind !== ContentKind.Octets) throw new Error("no octets");
  return content.octets.toString("utf8", content.start, content.end);
}

describe("answer", () => {
  test.each<[requestLine: string, address: string, status: number]>([
    ["GET /health", STRANGER, 200],
    ["HEAD /health", STRANGER, 200],
    ["POST /health", STRANGER, 405],
    ["GET /metrics", "127.0.0.1", 200],
    ["GET /metrics", STRANGER, 404],
    ["GET /elsewhere", "127.0.0.1", 404],
    ["BREW /health", "127.0.0.1", 501],
  ])("%s from %s: %p", async (requestLine, address, status) => {
    using temporary = new TemporarySegment();
    temporary.ready();
    const { application, errors } = applicationWith(temporary);
    const exchange = new FakeExchange(requestLine, address);
    application.answer(exchange);
    const reply = await exchange.replied;
    expect(reply.status).toBe(status);
    expect(exchange.replies.length).toBe(1);
    expect(errors).toEqual([]);
    if (status === 404) expect(contentText(reply)).toBe("error 404"); // as any path that isn't there
  });

  test("a reply says who serves it, when, and what it is", async () => {
    using temporary = new TemporarySegment();
    temporary.ready();
    for (const serverField of ["saker", ""]) {
      const exchange = new FakeExchange("GET /health");
      applicationWith(temporary, { serverField }).application.answer(exchange);
      const reply = await exchange.replied;
      const head = headText(reply);
      expect(head.includes("Server: saker\r\n")).toBe(serverField !== "");
      expect(head).toContain("\r\nDate: ");
      expect(head).toContain("\r\nContent-Type: application/json");
      expect(JSON.parse(contentText(reply))).toHaveProperty("status");
    }
  });

  test("a failure is a bare 500, told once", async () => {
    using temporary = new TemporarySegment();
    const { application, errors } = applicationWith(temporary);
    const exchange = new FakeExchange("GET /health");
    Object.defineProperty(exchange, "clientAddress", {
      get: () => {
        throw new Error("a bug");
      },
    });
    expect(() => application.answer(exchange)).toThrow("a bug"); // before anything is asked: the connection's matter
    const other = new FakeExchange("GET /health");
    Object.assign(application, { load: () => Promise.reject(new Error("it doesn't load")) });
    application.answer(other);
    expect((await other.replied).status).toBe(500);
    expect(errors.map(String)).toEqual(["Error: it doesn't load"]);
  });
});

test("endpoints are below their prefix, and those who may see them aren't limited", () => {
  using temporary = new TemporarySegment();
  const { application } = applicationWith(temporary, { prefix: "/_saker" });
  expect(["/health", "/_saker/health", "/_saker/stats", "/_saker"].map((path) => application.handles(path))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  const exemptions = ["/_saker/health", "/health"].map((path) =>
    application.exemptionOf(new FakeExchange(`GET ${path}`).request),
  );
  expect(exemptions).toEqual([Exemption.Admins, Exemption.Nobody]);
});
