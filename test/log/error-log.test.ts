import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createErrorLog, LOG_LEVELS } from "../../src/log/error-log.ts";
import { LINE_OCTETS_MAX } from "../../src/log/sink.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-error-log-"));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const newPath = () => join(folder, `${count++}.log`);

test("[YYYY-MM-DD HH:MM:SS] LEVEL message, with the prefix before the message", () => {
  const path = newPath();
  const log = createErrorLog({ target: path, level: "info", prefix: "worker 3: " });
  log.warn("queue is full");
  log.close();
  expect(readFileSync(path, "utf8")).toMatch(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] WARN worker 3: queue is full\n$/);
});

test.each([
  ["debug", ["DEBUG", "INFO", "WARN", "ERROR"]],
  ["info", ["INFO", "WARN", "ERROR"]],
  ["warn", ["WARN", "ERROR"]],
  ["error", ["ERROR"]],
] as const)("level %s shows itself and what weighs more", (level, shown) => {
  const path = newPath();
  const log = createErrorLog({ target: path, level });
  for (const each of LOG_LEVELS) log[each]("x");
  log.close();
  const levels = [...readFileSync(path, "utf8").matchAll(/\] ([A-Z]+) x\n/g)].map((match) => match[1]!);
  expect(levels).toEqual([...shown]);
});

test("a message is in the file as soon as it is said", () => {
  const path = newPath();
  const log = createErrorLog({ target: path, level: "info" });
  log.info("now");
  expect(readFileSync(path, "utf8")).toEndWith(" INFO now\n");
  log.close();
});

test("the level can change while running", () => {
  const path = newPath();
  const log = createErrorLog({ target: path, level: "error" });
  log.info("hidden");
  log.level = "info";
  log.info("shown");
  log.close();
  expect(readFileSync(path, "utf8")).toMatch(/^\S+ \S+ INFO shown\n$/);
});

test("a reopen that fails says so in the old file", () => {
  const inner = join(folder, "inner");
  mkdirSync(inner);
  const log = createErrorLog({ target: join(inner, "error.log"), level: "info" });
  renameSync(inner, `${inner}-moved`);
  log.reopen();
  log.close();
  expect(readFileSync(`${inner}-moved/error.log`, "utf8")).toContain("ERROR cannot open the log");
});

test("a message of several lines stays one line", () => {
  const path = newPath();
  const log = createErrorLog({ target: path, level: "info" });
  log.error("a\n[2026-01-01 00:00:00] INFO b\x1b[0m");
  log.close();
  expect(readFileSync(path, "utf8")).toEndWith("ERROR a\\x0A[2026-01-01 00:00:00] INFO b\\x1B[0m\n");
});

test("a message too long is cut at a whole character and marked", () => {
  const path = newPath();
  const log = createErrorLog({ target: path, level: "info" });
  log.info("é".repeat(LINE_OCTETS_MAX));
  log.close();
  const octets = readFileSync(path);
  expect(octets.length).toBeLessThanOrEqual(LINE_OCTETS_MAX);
  expect(new TextDecoder("utf-8", { fatal: true }).decode(octets)).toEndWith("é...\n");
});
