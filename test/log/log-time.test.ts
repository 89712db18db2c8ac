import { expect, test } from "bun:test";
import { join } from "node:path";

const TEXTS = `
  const { formatCombinedTime, formatJsonTime, formatErrorTime } = await import(${JSON.stringify(
    join(import.meta.dir, "../../src/log/log-time.ts"),
  )});
  const date = new Date(Date.UTC(2026, 10, 5, 3, 4, 9));
  console.log([formatCombinedTime(date), formatJsonTime(date), formatErrorTime(date)].join("|"));
`;

test.each([
  ["UTC", "05/Nov/2026:03:04:09 +0000|2026-11-05T03:04:09+00:00|2026-11-05 03:04:09"],
  ["America/St_Johns", "04/Nov/2026:23:34:09 -0330|2026-11-04T23:34:09-03:30|2026-11-04 23:34:09"],
  ["Asia/Kathmandu", "05/Nov/2026:08:49:09 +0545|2026-11-05T08:49:09+05:45|2026-11-05 08:49:09"],
])("local time with its offset: %s", async (zone, texts) => {
  const child = Bun.spawn([process.execPath, "-e", TEXTS], { env: { ...process.env, TZ: zone }, stdout: "pipe" });
  expect((await child.stdout.text()).trim()).toBe(texts);
});
