import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { libc } from "../../src/sys/libc.ts";
import { findAccount, findGroup, handlesSignal, raiseDescriptorLimit } from "../../src/sys/process.ts";
import { runProgram } from "./child.ts";

const source = `${import.meta.dir}/../../src/sys/process.ts`;
const folder = mkdtempSync(join(tmpdir(), "saker-process-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Resolves when no process has this pid (zombies count as gone). */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) return;
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe.skipIf(libc === null)("dieWithParent", () => {
  test("ends the child when its parent is killed", async () => {
    const child = `import { dieWithParent } from "${source}"; console.log(dieWithParent("SIGTERM", process.ppid), process.pid); setInterval(() => {}, 1e6);`;
    const parent = Bun.spawn(
      [
        process.execPath,
        "-e",
        `Bun.spawn([process.execPath, "-e", ${JSON.stringify(child)}], { stdout: "inherit" }); setInterval(() => {}, 1e6);`,
      ],
      { stdout: "pipe" },
    );
    const reader = parent.stdout.getReader();
    const [asked, pid] = new TextDecoder()
      .decode((await reader.read()).value)
      .trim()
      .split(" ");
    expect(asked).toBe("true");
    parent.kill("SIGKILL");
    await gone(Number(pid));
  });

  test("answers false when the parent is another one than expected", async () => {
    expect(
      await runProgram(`import { dieWithParent } from "${source}"; console.log(dieWithParent("SIGTERM", 1));`),
    ).toBe("false");
  });
});

test("raiseDescriptorLimit leaves soft equal to hard", () => {
  const { soft, hard } = raiseDescriptorLimit();
  expect(soft).toBe(hard);
  expect(soft).toBeGreaterThan(0);
});

describe("accounts", () => {
  const passwd = join(folder, "passwd");
  const group = join(folder, "group");
  writeFileSync(passwd, "root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:34:www:/var/www:/nologin\n");
  writeFileSync(group, "root:x:0:\nwww:x:34:a,b\n");

  test.each([
    ["www-data", { name: "www-data", uid: 33, gid: 34 }],
    ["33", { name: "www-data", uid: 33, gid: 34 }],
    ["1234", { name: null, uid: 1234, gid: 1234 }],
  ])("finds user %s", (user, account) => {
    expect(findAccount(user, passwd)).toEqual(account);
  });

  test.each([
    ["www", 34],
    ["77", 77],
  ])("finds group %s", (name, gid) => {
    expect(findGroup(name, group)).toBe(gid);
  });

  test("names what is unknown", () => {
    expect(() => findAccount("nobody-here", passwd)).toThrow('no user "nobody-here"');
    expect(() => findGroup("nobody-here", group)).toThrow('no group "nobody-here"');
    expect(() => findAccount("www-data", join(folder, "none"))).toThrow('no user "www-data"');
  });
});

describe.skipIf(process.getuid?.() !== 0)("dropPrivileges", () => {
  const report = `const status = require("fs").readFileSync("/proc/self/status", "utf8");
    const line = (key) => new RegExp("^" + key + ":\\\\s*(.*)$", "m").exec(status)[1].trim().replace(/\\s+/g, " ");
    const tasks = require("fs").readdirSync("/proc/self/task").map((id) => /^Uid:\\s*(\\d+)/m.exec(require("fs").readFileSync("/proc/self/task/" + id + "/status", "utf8"))[1]);
    if (new Set(tasks).size !== 1) throw new Error("threads differ: " + tasks);
    let back = false; try { process.setuid(0); back = true; } catch {}
    console.log([line("Uid"), line("Gid"), line("Groups"), back].join(" | "));`;

  test.each([
    ["12345", null, "12345 12345 12345 12345 | 12345 12345 12345 12345 | 12345 | false"],
    ["12345", "54321", "12345 12345 12345 12345 | 54321 54321 54321 54321 | 54321 | false"],
    [null, "54321", "0 0 0 0 | 54321 54321 54321 54321 | 54321 | true"],
    [null, null, null],
  ])("user %j, group %j", async (user, group, identity) => {
    const program = `import { dropPrivileges } from "${source}"; dropPrivileges(${JSON.stringify(user)}, ${JSON.stringify(group)}); ${report}`;
    const output = await runProgram(program);
    if (identity === null) expect(output).toStartWith("0 0 0 0 | 0 0 0 0");
    else expect(output).toBe(identity);
  });

  test("throws when the kernel refuses", async () => {
    const program = `import { dropPrivileges } from "${source}"; dropPrivileges("12345", null); try { dropPrivileges("54321", null); } catch (error) { console.log(error.code); }`;
    expect(await runProgram(program)).toBe("EPERM");
  });
});

test("handlesSignal tells of handlers, and null where there is no such process", () => {
  const handler = () => {};
  const { SIGURG } = constants.signals;
  expect(handlesSignal(process.pid, SIGURG)).toBe(false);
  process.on("SIGURG", handler);
  expect(handlesSignal(process.pid, SIGURG)).toBe(true);
  process.off("SIGURG", handler);
  expect(handlesSignal(2 ** 30, SIGURG)).toBeNull();
});
