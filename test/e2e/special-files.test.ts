/** What lies in a document root besides plain files: dotfiles, symbolic links, FIFOs, devices, unreadable files. */
import { describe, expect, test } from "bun:test";
import { chmodSync, symlinkSync } from "node:fs";
import { startSaker } from "../support/saker.ts";
import type { SiteFiles } from "../support/site.ts";
import { asNobody } from "../support/unprivileged.ts";
import { useSaker } from "../support/use-saker.ts";

const SITE: SiteFiles = {
  "index.html": "home",
  "sub/page.html": "page",
  ".hidden": "dot",
  ".git/config": "dot",
  "sub/.htpasswd": "dot",
  "sub/.folder/page.html": "dot",
  "..odd": "dot",
  ".well-known/security.txt": "contact",
  ".well-known/acme-challenge/token": "token",
  ".well-known/.hidden": "dot",
  "../outside.txt": "outside",
  "../outside-folder/page.html": "outside",
  "to-file": { link: "index.html" },
  "to-folder": { link: "sub" },
  "to-link": { link: "to-file" },
  "sub/up": { link: "../index.html" },
  "out-file": { link: "../outside.txt" },
  "out-folder": { link: "../outside-folder" },
  "out-by-two": { link: "out-folder/page.html" },
  "sub/out-and-in": { link: "../../root/index.html" },
  dangling: { link: "nowhere" },
  "dangling-out": { link: "../nowhere" },
  loop: { link: "loop" },
  "loop-a": { link: "loop-b" },
  "loop-b": { link: "loop-a" },
  "to-root": { link: "." },
  "to-hidden": { link: ".hidden" },
  fifo: { fifo: true },
  "to-fifo": { link: "fifo" },
  "to-null": { link: "/dev/null" },
  "to-zero": { link: "/dev/zero" },
  "to-tty": { link: "/dev/tty" },
  "to-proc": { link: "/proc/self/environ" },
  "fifo-index/index.html": { fifo: true },
};

describe("dotfiles", () => {
  const hiding = useSaker({ site: SITE });
  const showing = useSaker({ site: SITE, config: "dotfiles = true" });

  test.each([
    "/.hidden",
    "/.git/config",
    "/.git/",
    "/.git",
    "/sub/.htpasswd",
    "/sub/.folder/page.html",
    "/%2ehidden",
    "/.well-known/.hidden",
    "/..odd",
  ])("%s is hidden", async (target) => {
    expect((await hiding.saker.get(target)).status).toBe(404);
  });

  test.each([
    ["/.well-known/security.txt", "contact"],
    ["/.well-known/acme-challenge/token", "token"],
  ])("%s is served (RFC 8615)", async (target, content) => {
    expect((await hiding.saker.get(target)).text).toBe(content);
  });

  test.each(["/.hidden", "/.git/config", "/sub/.htpasswd", "/sub/.folder/page.html", "/..odd"])(
    "%s is served when the settings say so",
    async (target) => {
      expect((await showing.saker.get(target)).text).toBe("dot");
    },
  );
});

const LINK_ROWS: [target: string, inside: string | null, always: string | null, never: string | null][] = [
  ["/index.html", "home", "home", "home"],
  ["/sub/page.html", "page", "page", "page"],
  ["/to-file", "home", "home", null],
  ["/to-link", "home", "home", null],
  ["/to-folder/page.html", "page", "page", null],
  ["/sub/up", "home", "home", null],
  ["/to-root/index.html", "home", "home", null],
  ["/to-root/to-root/sub/page.html", "page", "page", null],
  ["/sub/out-and-in", "home", "home", null],
  ["/out-file", null, "outside", null],
  ["/out-folder/page.html", null, "outside", null],
  ["/out-by-two", null, "outside", null],
  ["/to-proc", null, null, null],
  ["/dangling", null, null, null],
  ["/dangling-out", null, null, null],
  ["/loop", null, null, null],
  ["/loop-a", null, null, null],
];

describe.each(["inside", "always", "never"] as const)("follow_symlinks = %s", (policy) => {
  const server = useSaker({ site: SITE, config: `follow_symlinks = "${policy}"` });
  const column = { inside: 1, always: 2, never: 3 }[policy];
  // /proc/self/environ is a regular file if every link is followed; what it holds differs from run to run.
  const rows = LINK_ROWS.filter(([target]) => policy !== "always" || target !== "/to-proc");

  test.each(rows.map((row) => [row[0], row[column] ?? null] as const))("%s -> %p", async (target, content) => {
    const response = await server.saker.get(target);
    if (content === null) {
      expect([403, 404]).toContain(response.status);
      expect(response.text).not.toContain("outside");
    } else {
      expect(response.status).toBe(200);
      expect(response.text).toBe(content);
    }
  });

  test("a link to a folder is redirected like the folder, or is not there", async () => {
    const response = await server.saker.get("/to-folder");
    if (policy === "never") expect([403, 404]).toContain(response.status);
    else expect(response.field("Location")).toEndWith("/to-folder/");
  });

  test.each(["/fifo", "/to-fifo", "/to-null", "/to-zero", "/to-tty", "/fifo-index/"])(
    "%s never hangs",
    async (target) => {
      // More than there are threads to hang.
      const responses = await Promise.all(Array.from({ length: 16 }, () => server.saker.get(target)));
      for (const response of responses) expect([403, 404]).toContain(response.status);
      expect((await server.saker.get("/index.html")).text).toBe("home");
    },
  );
});

describe("a link that is swapped while it is asked for", () => {
  test("sends what is inside or nothing", async () => {
    await using saker = await startSaker({
      site: { "real/page.html": "inside", "../outside/page.html": "outside", switch: { link: "real" } },
      config: "cache_size_mb = 0",
    });
    const targets = ["real", "../outside"];
    for (let round = 0; round < 200; round++) {
      const answer = saker.get("/switch/page.html");
      await saker.site.remove("switch");
      symlinkSync(targets[(round + 1) % 2]!, saker.site.path("switch"));
      const response = await answer;
      expect([200, 403, 404]).toContain(response.status);
      if (response.status === 200) expect(response.text).toBe("inside");
    }
  });
});

describe.skipIf(asNobody() === null)("a server that may not read everything", () => {
  test("answers 403 for the file and serves the rest", async () => {
    await using saker = await startSaker({
      site: { "open.txt": "open", "closed.txt": "closed", "closed/page.html": "closed" },
      wrapper: asNobody() ?? [],
    });
    chmodSync(saker.site.path("closed.txt"), 0o000);
    chmodSync(saker.site.path("closed"), 0o000);
    for (const target of ["/closed.txt", "/closed/page.html", "/closed/missing"]) {
      const response = await saker.get(target);
      expect(response.status).toBe(403);
      expect(response.text).not.toContain("closed");
    }
    expect((await saker.get("/open.txt")).text).toBe("open");
  });
});
