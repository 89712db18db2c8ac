import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { libc } from "../../src/sys/libc.ts";
import { replaceProcess } from "../../src/sys/replace-process.ts";

const SYS = join(import.meta.dir, "../../src/sys");

/** Runs a program that has what this room offers; resolves with what it prints. */
async function run(program: string): Promise<string> {
  const prelude = `
    import { admitSignals, replaceProcess } from ${JSON.stringify(`${SYS}/replace-process.ts`)};
    import { reapChild } from ${JSON.stringify(`${SYS}/reap.ts`)};`;
  const child = Bun.spawn([process.execPath, "-e", prelude + program], { stdout: "pipe", stderr: "inherit" });
  const text = await child.stdout.text();
  expect(await child.exited).toBe(0);
  return text;
}

describe.skipIf(libc === null)("replaceProcess", () => {
  test("keeps the process, and gives arguments and environment as they are", async () => {
    const text = await run(`
      console.log(process.pid);
      replaceProcess({ path: "/bin/sh", argv: ["name", "-c", 'echo $$; echo "$0|$1|$2"', "a b", "", "ü"], env: { TEXT: "x y" } }, []);`);
    const [before, after, rest] = text.split("\n");
    expect(after).toBe(before!);
    expect(rest).toBe("a b||ü");
  });

  test("signals that are held back are blocked in the new program, and only those", async () => {
    const text = await run(`
      replaceProcess({ path: "/bin/grep", argv: ["grep", "SigBlk", "/proc/self/status"], env: {} }, ["SIGHUP", "SIGURG"]);`);
    expect(text.trim()).toBe(`SigBlk:\t${((1 << 0) | (1 << 22)).toString(16).padStart(16, "0")}`);
  });

  test("a failure leaves all as it was", async () => {
    const text = await run(`
      import { readFileSync } from "node:fs";
      try { replaceProcess({ path: "/no/such/program", argv: ["x"], env: {} }, ["SIGHUP"]); } catch (error) { console.log(error.message); }
      console.log(/SigBlk:.*/.exec(readFileSync("/proc/self/status", "utf8"))[0]);`);
    expect(text).toMatch(/^execve: ENOENT \(\/no\/such\/program.*\)\nSigBlk:\t0+\n$/);
    expect(() => replaceProcess({ path: "/no/such/program", argv: [], env: {} }, [])).toThrow("ENOENT");
  });

  test("children of the program before are there to be reaped, each once", async () => {
    const reap = `import { reapChild } from ${JSON.stringify(`${SYS}/reap.ts`)};
      for (const pid of process.argv.slice(1).map(Number)) {
        let end = null;
        while ((end = reapChild(pid)) === null) await Bun.sleep(5);
        console.log(JSON.stringify(end), JSON.stringify(reapChild(pid)));
      }`;
    const text = await run(`
      const children = ["exit 3", "kill -9 $$"].map((script) => Bun.spawn(["/bin/sh", "-c", "sleep 0.1; " + script]).pid);
      const argv = ["bun", "-e", ${JSON.stringify(reap)}, ...children.map(String)];
      replaceProcess({ path: process.execPath, argv, env: process.env }, []);`);
    const gone = '{"exitCode":null,"signalCode":null}';
    expect(text).toBe(`{"exitCode":3,"signalCode":null} ${gone}\n{"exitCode":null,"signalCode":"SIGKILL"} ${gone}\n`);
  });
});
