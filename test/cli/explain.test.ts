/**
 * `saker explain`: what it prints, and how it ends.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Explanation } from "../../src/cli/explain/explanation.ts";
import { runSaker } from "../support/saker.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "saker-explain-")));
mkdirSync(join(FOLDER, "site/members"), { recursive: true });
writeFileSync(join(FOLDER, "site/about.html"), "about");
writeFileSync(join(FOLDER, "site/members/list.txt"), "ann");
writeFileSync(join(FOLDER, "outside.txt"), "outside");
writeFileSync(join(FOLDER, "site/style.css"), "a{}".repeat(2000));
writeFileSync(join(FOLDER, "site/style.css.gz"), gzipSync("a{}".repeat(2000)));
symlinkSync("../outside.txt", join(FOLDER, "site/link.txt"));
symlinkSync("loop", join(FOLDER, "site/loop"));
const HASH = Bun.password.hashSync("secret", { algorithm: "bcrypt", cost: 4 });
writeFileSync(
  join(FOLDER, "saker.toml"),
  `document_root = "site"
clean_urls = true
[[redirect]]
from = "/old/*"
to = "/:splat"
[[header]]
path = "*.html"
set = { X-Page = "1", Set-Cookie = ["a=1", "b=2"] }
remove = ["X-Content-Type-Options"]
[[deny_path]]
path = "*.bak"
[[virtual_host]]
names = ["a.example", "*.a.example"]
[[basic_auth]]
path = "/members/*"
users = [${JSON.stringify(`ann:${HASH}`)}]
[compression]
codings = ["gzip", "br"]
[[cache]]
path = "/old/*"
cache_control = "max-age=9"
[[virtual_host]]
names = ["own.example"]
root = "site"
`,
);
afterAll(() => rmSync(FOLDER, { recursive: true }));

const explain = (...argv: string[]) => runSaker(["explain", ...argv], { cwd: FOLDER });

async function explanationOf(...argv: string[]): Promise<Explanation> {
  const { exitCode, stderr, stdout } = await explain(...argv, "--json");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return JSON.parse(stdout) as Explanation;
}

const linesOf = ({ decisions }: Explanation): string[] =>
  decisions.map(({ step, subject, outcome, place }) => [step, subject, outcome, place].join(" | "));

test("prints aligned columns: what was looked at, what came of it, and the line behind it", async () => {
  const { exitCode, stderr, stdout } = await explain("GET", "/a%62out", "-H", "Range: bytes=0-1");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const [decisions, response] = stdout.split("\n\n").slice(1);
  const place = decisions!.split("\n").map((line) => line.search(/ (?:saker\.toml:\d+|default \w+)$/));
  expect(new Set(place.slice(2, -1)).size).toBe(1);
  expect(decisions).toMatch(/^ {2}candidate {2,}\/about {2,}does not exist {2,}saker\.toml:1$/m);
  expect(decisions).toMatch(/^ {2,}\/about\.html {2,}is a file: it answers {2,}saker\.toml:2$/m);
  expect(decisions).toMatch(/^ {2}range {2,}Range: bytes=0-1 {2,}octets 0-1 of 5$/m);
  expect(response).toMatch(/^206 Partial Content\n/);
  expect(response).toMatch(/^ {2}X-Page: 1 {2,}set by a rule {2,}saker\.toml:8$/m);
  expect(response).toMatch(/^ {2}\(no X-Content-Type-Options\) {2,}removed by a rule {2,}saker\.toml:9$/m);
  expect(stdout).toEndWith("\n\n2 octets of content\n");
});

describe("decisions", () => {
  test.each<[argv: string[], status: number | null, ...lines: string[]]>([
    [
      ["/old/x?q"],
      301,
      "rule | redirect /old/* | matches | saker.toml:3",
      "answer | redirect to /x?q | 301 | saker.toml:3",
    ],
    [["GET", "http://b.a.example:81/about"], 200, 'host | b.a.example | virtual host "*.a.example" | saker.toml:13'],
    [["GET", "http://own.example/none"], 404, "answer | nothing answers | 404 | saker.toml:24"],
    [["/x.bak"], 403, "rule | deny_path *.bak | matches | saker.toml:10", "answer | denied | 403 | saker.toml:10"],
    [
      ["/none"],
      404,
      "candidate | /none | does not exist | saker.toml:1",
      "answer | nothing answers | 404 | saker.toml:1",
      "form | no Accept | text: one line | ",
    ],
    [["/about.html/x"], 404, "candidate | /about.html/x | does not exist | saker.toml:1"],
    [["/loop"], 404, "candidate | /loop | can't be opened: ELOOP | saker.toml:1"],
    [["/loop/x"], 404, "candidate | /loop/x | can't be opened: ELOOP | saker.toml:1"],
    [[`/${"n".repeat(256)}`], 404, `candidate | /${"n".repeat(256)} | can't be opened: ENAMETOOLONG | saker.toml:1`],
    [
      ["/none", "-H", "Accept: application/json"],
      404,
      "form | Accept: application/json | JSON: problem details (RFC 9457) | ",
    ],
    [["/old/x", "-H", "Accept: text/html"], 301, "form | Accept: text/html | HTML: a built-in page | "],
    [
      ["/link.txt"],
      404,
      'candidate | /link.txt | is a broken link, or one that follow_symlinks = "inside" refuses | saker.toml:1',
    ],
    [["/.git/config"], 404, "path | /.git/config | 404: a name begins with a dot | default"],
    [["/%zz"], 400, "path | /%zz | 400: not a valid path: bad percent-encoding | "],
    [["/../x"], 400, "path | /../x | 400: not a valid path: above the root | "],
    [["/a%2fb"], 404, "path | /a%2fb | 404: an encoded slash: no file's name holds one | "],
    [["POST", "/about"], 405, "request | POST | 405: files can only be read | "],
    [["/about", "-HHost: a b"], 400, "request | Host is malformed | 400 (RFC 9112 §3.2) | "],
    [["/metrics"], null, "endpoint | /metrics | the running server answers | default"],
    [
      ["/members/list.txt"],
      401,
      "rule | basic_auth /members/* | matches | saker.toml:14",
      "password | basic_auth /members/* | 401: no valid credentials; nothing else is evaluated | saker.toml:14",
    ],
    [
      ["/members/list.txt", "-H", `Authorization: Basic ${btoa("ann:secret")}`],
      200,
      "password | basic_auth /members/* | credentials accepted | saker.toml:14",
    ],
    [
      ["/about", "-H", "If-None-Match: *", "-H", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"],
      304,
      "precondition | If-None-Match: * | false, the client has it: 304 | ",
    ],
    [
      ["/about", "-H", 'If-None-Match: "x"', "-H", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"],
      200,
      'precondition | If-None-Match: "x" | true: continue | ',
      "precondition | If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT | ignored because of If-None-Match (RFC 9110 §13.2.2) | ",
    ],
    [
      ["/style.css", "-H", "Accept-Encoding: gzip"],
      200,
      "coding | Accept-Encoding: gzip | gzip: a precompressed file | saker.toml:18",
    ],
    [
      ["/style.css", "-H", "Accept-Encoding: br"],
      200,
      "coding | Accept-Encoding: br | br: compressed on the fly | saker.toml:18",
    ],
    [["BREW", "/about"], 501, "request | BREW | 501: unknown (RFC 9110 §9.1) | "],
    [["OPTIONS", "/old/x"], 200, "request | OPTIONS | the methods allowed, on every path | "],
    [["PUT", "/old/x"], 301, "request | PUT | 301: redirects are for every method | saker.toml:3"],
    [
      ["/about", "-H", 'If-Match: "x"', "-H", "If-Unmodified-Since: x", "-H", "If-None-Match: *"],
      412,
      'precondition | If-Match: "x" | false: 412 | ',
      "precondition | If-Unmodified-Since: x | ignored because of If-Match (RFC 9110 §13.2.2) | ",
      "precondition | If-None-Match: * | not reached | ",
    ],
    [
      ["/about", "-H", "If-Modified-Since: yesterday", "-H", "Range: lines=1"],
      200,
      "precondition | If-Modified-Since: yesterday | ignored: not a valid date | ",
      "range | Range: lines=1 | ignored: not a range of bytes | ",
    ],
    [
      ["/about", "-H", 'If-Range: "x"', "-H", "Range: bytes=0-1"],
      200,
      'range | If-Range: "x" | is not the current validator: the whole file is sent | ',
    ],
    [["/about", "-H", "Range: bytes=5-"], 416, "range | Range: bytes=5- | not satisfiable, the length is 5: 416 | "],
    [["/style.css"], 200, "coding | no Accept-Encoding | identity: the file as it is | saker.toml:18"],
  ])("%j", async (argv, status, ...lines) => {
    const explanation = await explanationOf(...argv);
    expect(explanation.response?.status ?? null).toBe(status);
    for (const line of lines) expect(linesOf(explanation)).toContain(line);
  });
});

test.each([
  ["the file", []],
  ["a coding of it", ["-H", "Accept-Encoding: br"]],
])("the entity tag of %s is known for a hash", async (_, argv) => {
  const { response } = await explanationOf("/style.css", ...argv);
  expect(response!.fields.find(({ name }) => name === "ETag")!.reason).toStartWith("a hash of the content");
});

test("every field has a reason, and passwords are not shown", async () => {
  const secret = `Authorization: Basic ${btoa("ann:secret")}`;
  const { request, response } = await explanationOf("/about", "-H", secret, "-H", "Cookie: id=1");
  expect(response!.fields.filter(({ reason }) => reason === "")).toEqual([]);
  expect(request.fields).toEqual([
    ["Host", "localhost"],
    ["Authorization", "Basic …"],
    ["Cookie", "…"],
  ]);
});

describe("exit code 2", () => {
  test.each<[string[], string]>([
    [[], "no request to explain; example: saker explain GET /about"],
    [["GET"], "no URL or path; example: saker explain GET /about"],
    [["GET", "/a", "/b"], 'explain takes one request: unexpected "/b"'],
    [["GET", "about"], '"about" is neither a path such as /about nor a URL'],
    [["GET", "http:///a"], '"http:///a" names no host'],
    [["G T", "/a"], '"G T" is no method such as GET'],
    [["/a", "-H"], '-H needs a field such as "Accept: text/html"'],
    [["/a", "-H", "Accept"], '-H "Accept" is not a field line'],
    [["/a", "-H", "A: b\r\nC: d"], '-H "A: b\\r\\nC: d" is not a field line'],
    [["/a", "--prot"], '--prot: unknown flag; did you mean "--port"?'],
    [["/a", "--max-body-bytes", "x"], "--max-body-bytes"],
  ])("%j", async (argv, message) => {
    const { exitCode, stderr, stdout } = await explain(...argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toStartWith(`saker: ${message}`);
  });
});

test("exit code 1 when there is nothing to serve", async () => {
  const { exitCode, stderr } = await explain("/a", "--document-root", "none");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("does not exist");
});

describe("a coding that is not sent has a reason", () => {
  const accepting = async (target: string, ...more: string[]) =>
    linesOf(await explanationOf("GET", target, "-H", "Accept-Encoding: br", ...more)).filter((line) =>
      line.startsWith("coding"),
    );
  const LARGE = "a line of text\n".repeat(200_000);

  test("it is being made in the background, or the file is too large", async () => {
    writeFileSync(join(FOLDER, "site/large.txt"), LARGE);
    const outcome = "identity: the file as it is, until br is made of it in the background";
    const place = "saker.toml:18";
    expect(await accepting("/large.txt")).toEqual([`coding | Accept-Encoding: br | ${outcome} | ${place}`]);
    expect(await accepting("/large.txt", "-H", "Range: bytes=0-9")).toEqual([
      `coding | Accept-Encoding: br | identity: ranges are of the file as it is | ${place}`,
    ]);
    writeFileSync(join(FOLDER, "small.toml"), 'document_root = "site"\n[compression]\nmaximum_size_mb = 2\n');
    expect(await accepting("/large.txt", "--config", "small.toml")).toEqual([
      `coding | ${LARGE.length} octets | too large to be compressed | small.toml:3`,
    ]);
  });

  test("a neighbour is there, and no use", async () => {
    writeFileSync(join(FOLDER, "site/old.js"), "x");
    writeFileSync(join(FOLDER, "site/old.js.br"), "");
    expect(await accepting("/old.js")).toEqual([`coding | ${FOLDER}/site/old.js.br | not used: it is empty | `]);
  });
});

test("each line of a field that a rule sets has its reason", async () => {
  const { response } = await explanationOf("GET", "/about");
  const cookies = response!.fields.filter(({ name }) => name === "Set-Cookie");
  expect(cookies.map(({ value, reason, place }) => [value, reason, place])).toEqual([
    ["a=1", "set by a rule", "saker.toml:8"],
    ["b=2", "set by a rule", "saker.toml:8"],
  ]);
});

test("how long a redirect may be kept has its reason, too", async () => {
  const { response } = await explanationOf("GET", "/old/page");
  const found = response!.fields.find(({ name }) => name === "Cache-Control");
  expect([found?.value, found?.reason, found?.place]).toEqual(["max-age=9", "set by a rule", "saker.toml:19"]);
});

test("the type of a file without an extension has a reason", async () => {
  writeFileSync(join(FOLDER, "site/LICENSE"), "free");
  writeFileSync(join(FOLDER, "site/program"), Buffer.alloc(10));
  for (const [target, reason] of [
    ["/LICENSE", "no extension, and it begins as text"],
    ["/program", "no extension"],
  ] as const) {
    const { response } = await explanationOf("GET", target);
    expect(response!.fields.find(({ name }) => name === "Content-Type")).toMatchObject({
      reason,
      setting: "detect_text",
    });
  }
});
