/** Nothing outside of the document root is ever sent, however it is asked for. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { RawClient } from "../support/raw-client.ts";
import { createSite, type Site } from "../support/site.ts";
import { type Saker, startSaker } from "../support/saker.ts";

const SECRET = "the secret outside";

let site: Site;
let saker: Saker;

beforeAll(async () => {
  site = await createSite({
    "index.html": "inside",
    "sub/index.html": "inside",
    "sub/deep/page.html": "inside",
    "../secret.txt": SECRET,
    "../root-sibling/secret.txt": SECRET,
    "../index.html": SECRET,
  });
  saker = await startSaker({ site });
});

afterAll(async () => {
  await saker[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

const PARENTS = [
  "..",
  "%2e%2e",
  "%2E%2E",
  ".%2e",
  "%2e.",
  "%252e%252e",
  "%25%32%65%25%32%65",
  "..;",
  "..;a=b",
  "...",
  "..%00",
  "..%20",
  "%20..",
  "..%09",
  "..%0a",
  "%c0%ae%c0%ae",
  "%e0%80%ae%e0%80%ae",
  "%f0%80%80%ae%f0%80%80%ae",
  "%c0.%c0.",
  "%u002e%u002e",
  "%uff0e%uff0e",
  "%ef%bc%8e%ef%bc%8e",
  "%e2%80%a5",
  "..\\..",
];

const SEPARATORS = [
  "/",
  "//",
  "/./",
  "%2f",
  "%2F",
  "%252f",
  "\\",
  "%5c",
  "%5C",
  "%255c",
  "%c0%af",
  "%e0%80%af",
  "/%2f",
  ";/",
];

/** Every parent with every separator, before a name that exists outside. */
const COMBINED = PARENTS.flatMap((parent) =>
  SEPARATORS.flatMap((separator) => [
    `/${parent}${separator}secret.txt`,
    `/sub/${parent}${separator}${parent}${separator}secret.txt`,
    `/${parent}${separator}root-sibling${separator}secret.txt`,
  ]),
);

const SINGLE = [
  "/../secret.txt",
  "/..",
  "/../",
  "/../index.html",
  "/sub/../../secret.txt",
  "/sub/deep/../../../secret.txt",
  "/sub/../../root/../secret.txt",
  "/../root-sibling/secret.txt",
  "/-sibling/secret.txt",
  "-sibling/secret.txt",
  "/..%2froot-sibling/secret.txt",
  "/sub/..%2f..%2fsecret.txt",
  "/sub%2f..%2f..%2fsecret.txt",
  "/%2e%2e%2fsecret.txt",
  "/%2fetc%2fpasswd",
  "//etc/passwd",
  "/etc/passwd",
  "/index.html%00/../../secret.txt",
  "/secret.txt%00.html",
  "/%00",
  "/..%00/secret.txt",
  "/..\0/secret.txt",
  "\\..\\secret.txt",
  "/C:/secret.txt",
  "/file:///etc/passwd",
  "../secret.txt",
  "..",
  "?/../secret.txt",
  "/?/../../secret.txt",
  "/#/../secret.txt",
  "http://test.example/../secret.txt",
  "http://test.example/%2e%2e/secret.txt",
  "http://test.example",
  "http://test.example/..%2fsecret.txt",
  "http://test.example/..\\secret.txt",
  "http://../secret.txt",
  "http:///../secret.txt",
  "file:///etc/passwd",
  "https://test.example/../secret.txt",
  "/proc/self/environ",
  "/../../../../../../../../../../../../etc/passwd",
  "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
];

const LONG = [`${"/sub/..".repeat(400)}/../secret.txt`, `${"/..".repeat(1000)}/etc/passwd`];

async function ask(target: string, host = "test.example"): Promise<Buffer> {
  await using client = await RawClient.connect(saker.port);
  await client.send(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  return await client.readUntilClose();
}

function expectNothingLeaked(answer: Buffer): void {
  const text = answer.toString("latin1");
  expect(text).not.toContain(SECRET);
  expect(text).not.toContain("root:x:");
  expect(text).not.toContain(site.folder);
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1]);
  expect([200, 301, 308, 400, 403, 404, 414, 421]).toContain(status);
  if (status === 200) expect(text).toEndWith("inside");
}

test("the rows would find the secret if the root were one folder higher", async () => {
  await using open = await startSaker({ site, config: `document_root = ${JSON.stringify(site.folder)}` });
  expect((await open.get("/secret.txt")).text).toBe(SECRET);
  expect((await open.get("/root-sibling/secret.txt")).text).toBe(SECRET);
});

describe("a single way out", () => {
  test.each(SINGLE)("%j", async (target) => expectNothingLeaked(await ask(target)));
});

test.each([0, 1])("a long way out, %d", async (index) => expectNothingLeaked(await ask(LONG[index]!)));

test(`${COMBINED.length} spellings of a parent folder and a separator`, async () => {
  for (let index = 0; index < COMBINED.length; index += 50) {
    const answers = await Promise.all(COMBINED.slice(index, index + 50).map((target) => ask(target)));
    answers.forEach(expectNothingLeaked);
  }
});

test.each(["..", "../..", "test.example/../..", "test.example%2f.."])("Host: %s leads nowhere", async (host) => {
  const text = (await ask("/secret.txt", host)).toString("latin1");
  expect(text).not.toContain(SECRET);
  expect(text).toMatch(/^HTTP\/1\.1 (400|404) /);
});

test("the server still serves what it should", async () => {
  expect((await saker.get("/sub/deep/page.html")).text).toBe("inside");
});
