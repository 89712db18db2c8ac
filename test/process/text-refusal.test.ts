/** What clients of a port of HTTPS are told that get nothing there. */
import { describe, expect, test } from "bun:test";
import type { OctetsContent } from "../../src/http/content.ts";
import { textOf } from "../../src/http/octets.ts";
import { badCertificateRefusal, plainTextRefusal } from "../../src/process/text-refusal.ts";
import { ContentWish, Exemption } from "../../src/serving/application.ts";
import { headOf } from "../http/support/head-result.ts";

const PORTS = { http: 80, https: 443 };
const head = headOf("GET /x?y HTTP/1.1\r\nHost: a\r\n\r\n");

describe.each([
  ["plain text", "saker", plainTextRefusal("saker", PORTS), "Try https://a/x?y"],
  ["plain text", "", plainTextRefusal("", PORTS), "came in plain text."],
  ["a bad certificate", "saker", badCertificateRefusal("saker"), "isn't accepted here"],
  ["a bad certificate", "", badCertificateRefusal(""), "Choose another one, or none."],
])("%s, by %p", (_, server, refusal, text) => {
  test("gets 400 and a line", () => {
    const reply = refusal.respond(head);
    const fields = Object.fromEntries(reply.fieldsAt(0));
    expect([reply.status, fields.Server ?? ""]).toEqual([400, server]);
    const { end, octets, start } = reply.content as OctetsContent;
    expect(Number(fields["Content-Length"])).toBe(end - start);
    expect(textOf(octets, start, end)).toEndWith("\n");
    expect(textOf(octets, start, end)).toContain(text);
  });

  test("gets no content for HEAD, and none is taken", () => {
    expect(refusal.respond(headOf("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n")).content.octetCount).toBe(0);
    expect([refusal.contentWish(), refusal.exemptionOf()]).toEqual([ContentWish.Decline, Exemption.Nobody]);
  });

  test("gets the status of a request that can't be read", () => expect(refusal.refusal(408, head).status).toBe(408));
});
