import { afterAll, beforeAll, expect, test } from "bun:test";
import { closeSync, readFileSync } from "node:fs";
import { Errno } from "../../src/sys/libc.ts";
import { canOpenBeneath, LookUp, openBeneath } from "../../src/sys/open-beneath.ts";
import { createSite, type Site } from "../support/site.ts";

let site: Site;

beforeAll(async () => {
  site = await createSite({
    "page.txt": "page",
    "folder/deep.txt": "deep",
    "../secret.txt": "secret",
    "../other/page.txt": "elsewhere",
    near: { link: "folder/deep.txt" },
    up: { link: "../secret.txt" },
    "folder/back": { link: "../page.txt" },
    absolute: { link: "/etc/hostname" },
    proc: { link: "/proc/self/fd/0" },
    gone: { link: "nowhere" },
    loop: { link: "loop" },
    fifo: { fifo: true },
  });
});
afterAll(() => site[Symbol.asyncDispose]());

const cText = (text: string): Uint8Array => Buffer.from(`${text}\0`);

/** The file's content, or the failure. */
function open(path: string, allowsLinks = true, root = site.root): string | number {
  const fd = openBeneath(cText(root), cText(path), allowsLinks, LookUp.Disk);
  if (fd < 0) return -fd;
  try {
    return path === "fifo" || path === "." ? "open" : readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

test.skipIf(!canOpenBeneath).each([
  ["a file", "page.txt", "page", "page"],
  ["a file in a folder", "folder/deep.txt", "deep", "deep"],
  ["the folder itself", ".", "open", "open"],
  ["a FIFO, without waiting for a writer", "fifo", "open", "open"],
  ["a link that stays inside", "near", "deep", Errno.ELOOP],
  ["a link that goes up and stays inside", "folder/back", "page", Errno.ELOOP],
  ["a link that leads out", "up", Errno.EXDEV, Errno.ELOOP],
  ["an absolute link", "absolute", Errno.EXDEV, Errno.ELOOP],
  ["a way through /proc", "proc", Errno.EXDEV, Errno.ELOOP],
  ["dot segments that lead out", "../secret.txt", Errno.EXDEV, Errno.EXDEV],
  ["a name that goes on like the root's", "../rootless", Errno.EXDEV, Errno.EXDEV],
  ["nothing", "nothing", Errno.ENOENT, Errno.ENOENT],
  ["a link to nothing", "gone", Errno.ENOENT, Errno.ELOOP],
  ["a link in a circle", "loop", Errno.ELOOP, Errno.ELOOP],
  ["a file as a folder", "page.txt/x", Errno.ENOTDIR, Errno.ENOTDIR],
])("opens %s beneath a folder, or says why not", (_, path, withLinks, withoutLinks) => {
  expect(open(path, true)).toBe(withLinks);
  expect(open(path, false)).toBe(withoutLinks);
});

test.skipIf(!canOpenBeneath)("follows no link in the folder's own path", async () => {
  await site.place("../alias", { link: "root" });
  expect(open("page.txt", true, site.beside("alias"))).toBe(Errno.ELOOP);
});

test.skipIf(!canOpenBeneath)("opens from the kernel's memory what it has there", () => {
  open("page.txt");
  const fd = openBeneath(cText(site.root), cText("page.txt"), true, LookUp.Memory);
  // Some file systems never answer from memory.
  if (fd < 0) return expect(fd).toBe(-Errno.EAGAIN);
  closeSync(fd);
});
