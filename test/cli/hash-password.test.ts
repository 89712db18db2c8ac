/** `saker hash-password`: a line that the configuration takes, and mistakes that are told. */
import { describe, expect, test } from "bun:test";
import { isUser } from "../../src/syntax/user-syntax.ts";
import { PROJECT } from "../support/executable.ts";

async function hash(argv: readonly string[], input: string) {
  const child = Bun.spawn([process.execPath, `${PROJECT}/src/main.ts`, "hash-password", ...argv], {
    stdin: new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { stdout, stderr, exitCode };
}

test.each([
  ["ann", "hunter2\n", "hunter2"],
  ["ann", "hunter2", "hunter2"],
  ["Ann Lee", "a b\r\nsecond line\n", "a b"],
  ["é", "pässwörd ✓\n", "pässwörd ✓"],
])("%s with %j", async (name, input, password) => {
  const { stdout, stderr, exitCode } = await hash([name], input);
  expect([stderr, exitCode]).toEqual(["", 0]);
  const line = stdout.trimEnd();
  expect(line).toStartWith(`${name}:$argon2id$`);
  expect(isUser(line)).toBe(true);
  expect(await Bun.password.verify(password, line.slice(name.length + 1))).toBe(true);
  expect(await Bun.password.verify(`${password}x`, line.slice(name.length + 1))).toBe(false);
});

describe("refuses", () => {
  test.each([
    [[], "x\n", 2, "no user name"],
    [["ann", "hunter2"], "", 2, "the password is not an argument"],
    [["a:b"], "x\n", 2, "a name must not contain colons"],
    [[""], "x\n", 2, "a name must not contain colons"],
    [["ann"], "", 1, "the password is empty"],
    [["ann"], "\nx", 1, "the password is empty"],
    [["ann"], "a\tb\n", 1, "a password must not contain control characters"],
    [["ann"], `${"a".repeat(2000)}\n`, 1, "too long"],
    [["--cost=3", "ann"], "x\n", 2, "--cost: unknown flag"],
  ])("%j with %j", async (argv, input, code, message) => {
    const { stdout, stderr, exitCode } = await hash(argv, input);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("hunter2");
    expect([stdout, exitCode]).toEqual(["", code]);
  });
});
