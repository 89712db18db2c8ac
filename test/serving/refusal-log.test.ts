/** Reasons of refusals in the error log, and how many of them. */
import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ParseCode, reasonOf } from "../../src/http/parse-code.ts";
import { createErrorLog } from "../../src/log/error-log.ts";
import { RefusalLog } from "../../src/serving/refusal-log.ts";
import { ServiceUnderTest } from "./support/service-under-test.ts";

test("shows reasons, and after a number of them in a second how many there were besides", () => {
  const folder = mkdtempSync(join(tmpdir(), "saker-refusals-"));
  const path = join(folder, "error.log");
  const log = createErrorLog({ target: path, level: "debug" });
  const refusals = new RefusalLog(log);
  for (let count = 0; count < 50; count++) refusals.note("192.0.2.1", 400, reasonOf(ParseCode.BadHost));
  refusals.tick();
  refusals.tick();
  refusals.note("192.0.2.2", 408, "too late");
  log.close();
  const lines = readFileSync(path, "utf8").trim().split("\n");
  rmSync(folder, { recursive: true });
  expect(lines.length).toBe(22);
  expect(lines[0]).toEndWith(" DEBUG 192.0.2.1: 400, Host is malformed (RFC 9112 §3.2)");
  expect(lines[20]).toEndWith(" DEBUG 30 more requests were refused within a second");
  expect(lines[21]).toEndWith(" DEBUG 192.0.2.2: 408, too late");
});

test.each([
  [["--log-level", "debug"], true],
  [[], false],
])("a connection tells the reason of a 400 with %j: %p", (flags, isShown) => {
  using under = new ServiceUnderTest({ files: {}, flags });
  under.connect().connection.received(Buffer.from("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"));
  const text = readFileSync(join(under.folder, "error.log"), "utf8");
  expect(text.includes("DEBUG 127.0.0.1: 400, Host is malformed (RFC 9112 §3.2)\n")).toBe(isShown);
});

test("behind a proxy a malformed request is the proxy's", () => {
  using under = new ServiceUnderTest({ files: {}, flags: ["--log-level", "debug", "--trusted-proxies", "127.0.0.1"] });
  const { connection } = under.connect();
  connection.received(Buffer.from("POST / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.9\r\n\r\n"));
  connection.received(Buffer.from("GET /\x01 HTTP/1.1\r\n\r\n"));
  expect(readFileSync(join(under.folder, "error.log"), "utf8")).toContain("DEBUG 127.0.0.1: 400, ");
});
