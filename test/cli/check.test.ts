/**
 * `saker check`: what serve would say, without serving.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runSaker } from "../support/saker.ts";
import { asNobody } from "../support/unprivileged.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "saker-check-")));
mkdirSync(join(FOLDER, "site"));
writeFileSync(join(FOLDER, "site/index.html"), "");
writeFileSync(join(FOLDER, "page.html"), "");
symlinkSync("itself", join(FOLDER, "itself"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

async function check(toml: string, argv: readonly string[] = []) {
  writeFileSync(join(FOLDER, "saker.toml"), toml);
  return runSaker(["check", ...argv], { cwd: FOLDER });
}

test("a good configuration, what it sets, and where", async () => {
  const toml = '# c\ndocument_root = "site"\n[profile.dev]\nqueue_size = 5\n';
  const result = await check(toml, ["--profile", "dev", "-w", "2"]);
  expect(result).toEqual({
    exitCode: 0,
    stderr: "",
    stdout: [
      "configuration ok: saker.toml, profile dev",
      `document root ok: ${FOLDER}/site`,
      '  host = "127.0.0.1" (profile dev)',
      `  document_root = "${FOLDER}/site" (saker.toml:2)`,
      "  num_workers = 2 (-w)",
      "  queue_size = 5 (saker.toml:4)",
      "  cache_revalidate_ms = 0 (profile dev)",
      "  shutdown_timeout_seconds = 1 (profile dev)",
      '  log_level = "debug" (profile dev)',
      "",
    ].join("\n"),
  });
});

test("no file at all", async () => {
  const { exitCode, stdout } = await check("", ["--no-config", "site"]);
  expect(exitCode).toBe(0);
  expect(stdout).toStartWith(`configuration ok: no file, defaults\ndocument root ok: ${FOLDER}/site\n`);
});

test("warnings do not fail it", async () => {
  const { exitCode, stdout } = await check('document_root = "site"\ndotfiles = true');
  expect(exitCode).toBe(0);
  expect(stdout).toContain("warning: saker.toml:2: dotfiles is on");
});

describe("exit code 2", () => {
  test.each([
    ["an unknown key", "\nprot = 1", [], 'saker.toml:2:1: unknown setting "prot"; did you mean "port"?'],
    ["a wrong type", 'port = "abc"', [], 'saker.toml:1:8: port must be an integer between 0 and 65535, not "abc"'],
    ["bad syntax", "port = ", [], "saker.toml:1:8: invalid TOML: missing value after '='"],
    [
      "a later version's table",
      "[admin]",
      [],
      "saker.toml:1:2: [admin] is not supported by this version of saker; remove it",
    ],
    ["a wrong flag", "", ["--prot"], '--prot: unknown flag; did you mean "--port"?'],
  ])("%s", async (_, toml, argv, message) => {
    expect(await check(toml, argv)).toMatchObject({ exitCode: 2, stdout: "" });
    expect((await check(toml, argv)).stderr).toStartWith(`saker: ${message}`);
  });
});

describe("exit code 1", () => {
  test.each<[string, string, readonly string[], string[]]>([
    [
      "a root that is missing",
      'document_root = "none"',
      [],
      [`document root ${FOLDER}/none does not exist; name a folder to serve: saker DIR`],
    ],
    [
      "a root that is a file",
      "",
      ["page.html"],
      [`document root ${FOLDER}/page.html is not a folder; name a folder to serve: saker DIR`],
    ],
    [
      "a root below a file",
      "",
      ["page.html/a"],
      [`document root ${FOLDER}/page.html/a does not exist; name a folder to serve: saker DIR`],
    ],
    [
      "a log's folder that is missing",
      'document_root = "site"\naccess_log = "no/a.log"',
      [],
      [`access_log ${FOLDER}/no/a.log can't be made: make the folder ${FOLDER}/no first`],
    ],
    [
      "a log that is a folder",
      'document_root = "site"\nerror_log = "site"',
      [],
      [`error_log ${FOLDER}/site is a folder; name a file`],
    ],
    [
      "a virtual host's root that is missing",
      'document_root = "site"\n[[virtual_host]]\nnames = ["a.example"]\nroot = "none"',
      [],
      [`saker.toml:4: root ${FOLDER}/none of virtual host "a.example" does not exist`],
    ],
    [
      "a log whose name is too long",
      `document_root = "site"\naccess_log = "${"a".repeat(256)}"`,
      [],
      [`access_log ${FOLDER}/${"a".repeat(256)} can't be made: its name is too long`],
    ],
    [
      "a log that is a link to itself",
      'document_root = "site"\naccess_log = "itself"',
      [],
      [`access_log ${FOLDER}/itself is a loop of symbolic links`],
    ],
    [
      "all of it at once",
      'document_root = "none"\npid_file = "no/a"\nstats_file = "site"',
      [],
      [
        `document root ${FOLDER}/none does not exist; name a folder to serve: saker DIR`,
        `pid_file ${FOLDER}/no/a can't be made: make the folder ${FOLDER}/no first`,
        `stats_file ${FOLDER}/site is a folder; name a file`,
      ],
    ],
    [
      "a configuration file that is missing",
      "",
      ["-c", "none.toml"],
      ['cannot read the configuration file "none.toml": no such file'],
    ],
    [
      "a configuration file that is a folder",
      "",
      ["-c", "site"],
      ['cannot read the configuration file "site": it is a folder'],
    ],
  ])("%s", async (_, toml, argv, messages) => {
    const stderr = messages.map((message) => `saker: ${message}\n`).join("");
    expect(await check(toml, argv)).toEqual({ exitCode: 1, stdout: "", stderr });
  });

  const wrapper = asNobody();
  const reason = wrapper === null ? " (skipped: root may read everything, and there is no setpriv)" : "";
  test.skipIf(wrapper === null)(`folders that this user can't use${reason}`, async () => {
    mkdirSync(join(FOLDER, "secret"), { mode: 0 });
    chmodSync(FOLDER, 0o555);
    const argv = ["check", "--no-config", "secret", "--access-log", "secret.log"];
    const result = await runSaker(argv, { cwd: FOLDER, wrapper: wrapper! });
    chmodSync(FOLDER, 0o755);
    chmodSync(join(FOLDER, "secret"), 0o700);
    expect(result).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: [
        `saker: document root ${FOLDER}/secret can't be read by this user; name a folder to serve: saker DIR\n`,
        `saker: access_log ${FOLDER}/secret.log can't be written by this user\n`,
      ].join(""),
    });
  });
});

describe("--strict", () => {
  test("fails when there are warnings, and prints them all the same", async () => {
    const { exitCode, stdout } = await check('document_root = "site"\ndotfiles = true', ["--strict"]);
    expect(exitCode).toBe(1);
    expect(stdout).toEndWith("\nwarning: saker.toml:2: dotfiles is on: files such as .env and .git are served\n");
  });
  test("does not fail without warnings", async () => {
    expect(await check('document_root = "site"', ["--strict"])).toMatchObject({ exitCode: 0, stderr: "" });
  });
});

test("a line of _headers about a password that is not understood fails it; one about a field is a warning", async () => {
  const toml = 'document_root = "site"\nnetlify_files = true';
  writeFileSync(join(FOLDER, "site/_headers"), "/a\n  Basic-Auth ann:hunter2\n");
  const failed = await check(toml);
  expect([failed.exitCode, failed.stderr]).toEqual([
    1,
    expect.stringContaining("_headers:2: this is not how a password"),
  ]);
  expect(failed.stdout + failed.stderr).not.toContain("hunter2");
  writeFileSync(join(FOLDER, "site/_headers"), "\ufeff  /a\n  X A: 1\n");
  expect(await check(toml, ["--strict"])).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining('warning: _headers:2: no field that can be set: "X A"'),
  });
  rmSync(join(FOLDER, "site/_headers"));
});

test("a _headers that can't be read fails it: nobody knows what it guards", async () => {
  const toml = 'document_root = "site"\nnetlify_files = true';
  for (const [make, problem] of [
    [(path: string) => symlinkSync("/etc/passwd", path), "is a link that leads nowhere"],
    [(path: string) => writeFileSync(path, Buffer.alloc(1024 * 1024 + 1, "#")), "has more than 1048576 octets"],
  ] as const) {
    make(join(FOLDER, "site/_headers"));
    const { exitCode, stderr } = await check(toml);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(`_headers ${problem}`)]);
    rmSync(join(FOLDER, "site/_headers"));
  }
});

test("of very many lines that are not obeyed the first are told", async () => {
  writeFileSync(join(FOLDER, "site/_redirects"), "/x\n".repeat(1000));
  const { stdout } = await check('document_root = "site"\nnetlify_files = true');
  expect(stdout.match(/_redirects:\d+: /g)).toHaveLength(50);
  expect(stdout).toContain("_headers and _redirects: 950 more lines are not obeyed");
  rmSync(join(FOLDER, "site/_redirects"));
});
