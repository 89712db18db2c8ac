import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { memoryLimit } from "../../src/sys/memory-limit.ts";

const MIB = 1024 * 1024;

describe("memoryLimit over a made-up root", () => {
  let root = "";
  beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "saker-memory-limit-"))));
  afterEach(() => rmSync(root, { recursive: true }));

  const v2 = (path: string) => ({ "proc/self/cgroup": `0::${path}\n` });
  const v1 = (path: string) => ({ "proc/self/cgroup": `9:name=systemd:/x\n4:memory:${path}\n1:cpu:/y\n0::/\n` });
  const NO_LIMIT_V1 = "9223372036854771712\n";

  test.each<[string, Record<string, string>, number]>([
    ["nothing known", {}, Infinity],
    ["v2 without a limit", { ...v2("/"), "sys/fs/cgroup/memory.max": "max\n" }, Infinity],
    ["a v2 limit", { ...v2("/"), "sys/fs/cgroup/memory.max": `${256 * MIB}\n` }, 256 * MIB],
    [
      "memory.high, which comes before the limit",
      { ...v2("/"), "sys/fs/cgroup/memory.max": `${256 * MIB}\n`, "sys/fs/cgroup/memory.high": `${200 * MIB}\n` },
      200 * MIB,
    ],
    [
      "the smallest on the way up",
      {
        ...v2("/a/b"),
        "sys/fs/cgroup/a/b/memory.max": "max",
        "sys/fs/cgroup/a/memory.max": `${100 * MIB}`,
        "sys/fs/cgroup/memory.max": `${300 * MIB}`,
      },
      100 * MIB,
    ],
    ["a path only the host sees", { ...v2("/docker/abc"), "sys/fs/cgroup/memory.max": `${64 * MIB}` }, 64 * MIB],
    ["v1 without a limit", { ...v1("/x"), "sys/fs/cgroup/memory/x/memory.limit_in_bytes": NO_LIMIT_V1 }, Infinity],
    ["a v1 limit", { ...v1("/x"), "sys/fs/cgroup/memory/x/memory.limit_in_bytes": `${128 * MIB}\n` }, 128 * MIB],
    [
      "a v1 limit of a container, by a path only the host sees",
      { ...v1("/docker/abc"), "sys/fs/cgroup/memory/memory.limit_in_bytes": `${128 * MIB}\n` },
      128 * MIB,
    ],
    ["nonsense", { ...v2("/"), "sys/fs/cgroup/memory.max": "nonsense" }, Infinity],
  ])("%s", (_what, files, octets) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    expect(memoryLimit(root)).toBe(octets);
  });
});

test("here it is a positive number, if there is a limit", () => {
  expect(memoryLimit()).toBeGreaterThan(0);
});
