/** A lock that is a file, for machines whose clocks differ. */
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StorageLock } from "../../../src/tls/acme/storage-lock.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "saker-lock-"));
const PATH = join(FOLDER, "certificates/a/lock");
afterEach(() => rmSync(join(FOLDER, "certificates"), { recursive: true, force: true }));

const TIMES = { refreshMs: 5, staleMs: 60, pollMs: 2 };

describe("a lock", () => {
  test("is held by one, and then by the other", async () => {
    const first = await StorageLock.acquire(PATH, TIMES);
    let isOver = false;
    const second = StorageLock.acquire(PATH, TIMES).then((lock) => {
      expect(isOver).toBe(true);
      return lock;
    });
    await Bun.sleep(TIMES.staleMs * 3); // the first one is alive: it refreshes
    isOver = true;
    first[Symbol.dispose]();
    using lock = await second;
    expect([first.isHeld, lock.isHeld]).toEqual([false, true]);
  });

  test("is gone when it is released", async () => {
    {
      using _lock = await StorageLock.acquire(PATH, TIMES);
      expect(existsSync(PATH)).toBe(true);
    }
    expect(existsSync(PATH)).toBe(false);
  });

  test.each<[string, () => void]>([
    ["of a machine that is gone", () => writeFileSync(PATH, "someone\nelse 1 2026 7\n")],
    ["that is empty", () => writeFileSync(PATH, "")],
    ["that holds garbage", () => writeFileSync(PATH, Buffer.from([0, 255, 7]))],
    ["that is a folder", () => mkdirSync(PATH)],
    [
      "of the future",
      () => {
        writeFileSync(PATH, "someone");
        utimesSync(PATH, 4e9, 4e9);
      },
    ],
  ])("%s is taken, when it has stayed so", async (_what, leave) => {
    mkdirSync(join(FOLDER, "certificates/a"), { recursive: true });
    leave();
    using lock = await StorageLock.acquire(PATH, TIMES);
    expect(lock.isHeld).toBe(true);
  });

  test("that somebody else has taken isn't refreshed, nor removed", async () => {
    const lock = await StorageLock.acquire(PATH, TIMES);
    writeFileSync(PATH, "another");
    expect(lock.isHeld).toBe(false);
    await Bun.sleep(TIMES.refreshMs * 4);
    lock[Symbol.dispose]();
    expect(readFileSync(PATH, "utf8")).toBe("another");
  });

  test("is one at a time among many", async () => {
    let holders = 0;
    const most: number[] = [];
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        using _lock = await StorageLock.acquire(PATH, TIMES);
        most.push(++holders);
        await Bun.sleep(3);
        holders--;
      }),
    );
    expect(most).toEqual(Array.from({ length: 12 }, () => 1));
  });

  test("where none can be made: why", async () => {
    writeFileSync(join(FOLDER, "certificates"), "");
    await expect(StorageLock.acquire(PATH, TIMES)).rejects.toThrow(/lock can't be made: /);
  });
});
