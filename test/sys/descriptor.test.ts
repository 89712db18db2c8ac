import { describe, expect, test } from "bun:test";
import { closeSync, openSync, readFileSync } from "node:fs";
import { duplicateAbove, setInherited } from "../../src/sys/descriptor.ts";
import { libc } from "../../src/sys/libc.ts";

/** O_CLOEXEC of the flags that proc(5) tells in octal. */
const isInherited = (fd: number): boolean => {
  const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))![1]!;
  return (Number.parseInt(flags, 8) & 0o2000000) === 0;
};

describe.skipIf(libc === null)("descriptors", () => {
  test("are inherited or not, as told", () => {
    const fd = openSync("/dev/null", "r");
    setInherited(fd, true);
    expect(isInherited(fd)).toBe(true);
    setInherited(fd, false);
    expect(isInherited(fd)).toBe(false);
    closeSync(fd);
    expect(() => setInherited(fd, true)).toThrow("EBADF");
  });

  test("get a number above another", () => {
    const fd = openSync("/proc/self/comm", "r");
    const high = duplicateAbove(fd, 300);
    expect(high).toBeGreaterThanOrEqual(300);
    expect(isInherited(high)).toBe(false);
    closeSync(fd);
    expect(readFileSync(high, "utf8")).not.toBe("");
    closeSync(high);
  });
});
