/** Memory that one process writes and others read: always one version, whole. */
import { afterEach, describe, expect, test } from "bun:test";
import { closeSync, constants, fstatSync, openSync, readFileSync, writeSync } from "node:fs";
import { openAnonymousFile } from "../../src/sys/anonymous-file.ts";
import { CredentialMemoryReader, CredentialMemoryWriter, type Piece } from "../../src/tls/credential-memory.ts";

type Facts = { readonly n: number };

const opened: number[] = [];
afterEach(() => opened.splice(0).forEach(closeSync));

function memory(): number {
  const fd = openAnonymousFile("saker-test");
  opened.push(fd);
  return fd;
}

const piece = (id: string, n: number, ...texts: string[]): Piece<Facts> => ({ id, facts: { n }, texts });

describe("what is published is read", () => {
  test("by a reader that comes later, and by one that was there", () => {
    const fd = memory();
    const before = new CredentialMemoryReader<Facts>(fd);
    expect([before.version, before.pieces.size, before.refresh()]).toEqual([0, 0, false]);
    const writer = new CredentialMemoryWriter<Facts>(fd);
    writer.publish([piece("a", 1, "certificate", "kéy"), piece("b", 2)]);
    expect(before.refresh()).toBe(true);
    for (const reader of [before, new CredentialMemoryReader<Facts>(fd)]) {
      expect(reader.version).toBe(1);
      expect(reader.pieces.get("a")!.facts).toEqual({ n: 1 });
      expect(reader.read(reader.pieces.get("a")!)).toEqual(["certificate", "kéy"]);
      expect(reader.read(reader.pieces.get("b")!)).toEqual([]);
      expect(reader.refresh()).toBe(false);
    }
  });

  test("through a descriptor that can't write", () => {
    const fd = memory();
    new CredentialMemoryWriter<Facts>(fd).publish([piece("a", 1, "x")]);
    const readOnly = openSync(`/proc/self/fd/${fd}`, constants.O_RDONLY);
    opened.push(readOnly);
    expect(new CredentialMemoryReader<Facts>(readOnly).pieces.size).toBe(1);
    expect(() => writeSync(readOnly, "x")).toThrow("EBADF");
  });

  test("equal texts have equal digests in every version", () => {
    const fd = memory();
    const writer = new CredentialMemoryWriter<Facts>(fd);
    const reader = new CredentialMemoryReader<Facts>(fd);
    const digests = [1, 2].map((n) => {
      writer.publish([piece("other", n, "z".repeat(n)), piece("a", n, "same", "texts")]);
      reader.refresh();
      return reader.pieces.get("a")!.digest;
    });
    expect(digests[0]).toBe(digests[1]!);
  });
});

test("what a reader knows of a version stays true until that is written over, and then it is told", () => {
  const fd = memory();
  const writer = new CredentialMemoryWriter<Facts>(fd);
  writer.publish([piece("a", 1, "x".repeat(5000))]);
  const reader = new CredentialMemoryReader<Facts>(fd);
  const entry = reader.pieces.get("a")!;
  writer.publish([piece("a", 2, "y".repeat(5000))]);
  expect(reader.read(entry)).toEqual(["x".repeat(5000)]);
  writer.publish([piece("a", 3, "z".repeat(5000))]);
  expect(reader.read(entry)).toBeNull();
  expect(reader.refresh()).toBe(true);
  expect(reader.read(reader.pieces.get("a")!)).toEqual(["z".repeat(5000)]);
});

test("versions take turns in the room of two", () => {
  const fd = memory();
  const writer = new CredentialMemoryWriter<Facts>(fd);
  const reader = new CredentialMemoryReader<Facts>(fd);
  for (let n = 1; n <= 50; n++) {
    writer.publish([piece("a", n, String(n).repeat(1000 + n * 10))]);
    expect(reader.refresh()).toBe(true);
    expect(reader.read(reader.pieces.get("a")!)).toEqual([String(n).repeat(1000 + n * 10)]);
  }
  expect(fstatSync(fd).size).toBeLessThan(4096 + 4 * 3500);
});

test("a successor goes on where its predecessor stopped", () => {
  const fd = memory();
  const first = new CredentialMemoryWriter<Facts>(fd);
  first.publish([piece("a", 1, "x")]);
  const reader = new CredentialMemoryReader<Facts>(fd);
  const second = new CredentialMemoryWriter<Facts>(fd);
  expect(second.version).toBe(1);
  second.publish([piece("a", 2, "y")]);
  expect(reader.refresh()).toBe(true);
  expect([reader.version, reader.pieces.get("a")!.facts.n]).toEqual([2, 2]);
});

describe("what isn't whole is not read", () => {
  const HEAD_OCTETS = 64;

  test.each(Array.from({ length: HEAD_OCTETS }, (_, at) => at))("a head with octet %d wrong", (at) => {
    const fd = memory();
    new CredentialMemoryWriter<Facts>(fd).publish([piece("a", 1, "x")]);
    const octet = readFileSync(`/proc/self/fd/${fd}`)[at]!;
    writeSync(fd, Buffer.of(octet ^ 0x40), 0, 1, at);
    expect(new CredentialMemoryReader<Facts>(fd).version).toBe(0);
  });

  test("an index that is being written over: the reader keeps what it knew", () => {
    const fd = memory();
    const writer = new CredentialMemoryWriter<Facts>(fd);
    writer.publish([piece("a", 1, "x")]);
    const reader = new CredentialMemoryReader<Facts>(fd);
    writer.publish([piece("a", 2, "y")]);
    const whole = readFileSync(`/proc/self/fd/${fd}`);
    const index = whole.lastIndexOf('{"id"');
    writeSync(fd, Buffer.from("?"), 0, 1, index);
    expect(reader.refresh()).toBe(false);
    expect(reader.pieces.get("a")!.facts.n).toBe(1);
  });

  test("an empty file, and one that is something else", () => {
    expect(new CredentialMemoryReader<Facts>(memory()).version).toBe(0);
    const fd = memory();
    writeSync(fd, "something else entirely, and longer than the head of such a file would be, by far");
    expect(new CredentialMemoryReader<Facts>(fd).version).toBe(0);
  });
});

test("readers in other processes never see a mixture", async () => {
  const fd = memory();
  const writer = new CredentialMemoryWriter<Facts>(fd);
  writer.publish([piece("a", 1, "1", "1")]);
  const child = Bun.spawn(
    [
      process.execPath,
      "-e",
      `import { CredentialMemoryReader } from "${import.meta.dir}/../../src/tls/credential-memory.ts";
       const reader = new CredentialMemoryReader(3);
       for (let versions = 0; versions < 200;) {
         if (reader.refresh()) versions++;
         if (new CredentialMemoryReader(3).pieces.size === 0) throw new Error("nothing");
         const entry = reader.pieces.get("a");
         const texts = reader.read(entry);
         if (texts?.some((text) => Number(text) !== entry.facts.n)) throw new Error("mixed");
       }`,
    ],
    { stdio: ["ignore", "inherit", "inherit", fd] },
  );
  for (let n = 2; child.exitCode === null; n++) {
    writer.publish([piece("a", n, String(n), String(n).padStart(2000, "0"))]);
    await Bun.sleep(0);
  }
  expect(child.exitCode).toBe(0);
});
