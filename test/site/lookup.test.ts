/** From a request that the cache has no answer to, to its reply: every step, on real files and without a client. */
import { describe, expect, spyOn, test } from "bun:test";
import { appendFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { AskedExchange } from "../../src/cli/explain/asked-exchange.ts";
import { loadConfiguration } from "../../src/config/load-settings.ts";
import { CacheOutcome, type Reply } from "../../src/http/reply.ts";
import type { RequestHead } from "../../src/http/request-head.ts";
import { type BuiltSite, buildSite, cacheFor } from "../../src/site/build-site.ts";
import { EntryKind } from "../../src/site/entry/entry-kind.ts";
import { Lookup } from "../../src/site/lookup.ts";
import { headOf } from "../http/support/head-result.ts";
import { contentOf } from "../http/support/sent-reply.ts";
import { until } from "../support/deadline.ts";
import { createSite, type Site, type SiteFiles } from "../support/site.ts";

const TEXT = "The falcon cannot hear the falconer. ".repeat(200);
const basic = (user: string, password: string): string =>
  `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
const hash = (password: string): string => Bun.password.hashSync(password, { algorithm: "bcrypt", cost: 4 });
const ANN = basic("ann", "one");
const BOB = basic("bob", "two");

const GUARDS = `
[[basic_auth]]
path = "/vault/*"
users = ${JSON.stringify([`ann:${hash("one")}`, `bob:${hash("two")}`])}
[[basic_auth]]
path = "*.key"
users = ${JSON.stringify([`ann:${hash("one")}`])}
[[rewrite]]
from = "/open/*"
to = "/vault/:splat"
`;

/** What the site did to answer. */
class Work {
  admissions = 0;
  rejections = 0;
  waiting = 0;
  active = 0;
  admitted(): void {
    this.admissions++;
  }
  rejected(): void {
    this.rejections++;
  }
  occupied(waiting: number, active: number): void {
    this.waiting = waiting;
    this.active = active;
  }
  loaded(): void {}
}

interface Scene extends AsyncDisposable {
  readonly files: Site;
  readonly built: BuiltSite;
  readonly work: Work;
}

async function sceneOf(files: SiteFiles, config = ""): Promise<Scene> {
  const site = await createSite(files);
  const configFile = site.beside("saker.toml");
  const common = `document_root = ${JSON.stringify(site.root)}\ncache_field = "cache-status"\n`;
  writeFileSync(configFile, common + config);
  const { settings } = loadConfiguration({ argv: ["--config", configFile], env: {}, cwd: "/" });
  const work = new Work();
  const built = buildSite(settings, cacheFor(settings), { report: work });
  return { files: site, built, work, [Symbol.asyncDispose]: () => site[Symbol.asyncDispose]() };
}

const GUARDED: SiteFiles = { "vault/a.txt": "secret", "vault/b.txt": "secret b", "server.key": "key", "open.txt": "o" };

function requestFor(target: string, ...lines: readonly string[]): RequestHead {
  return headOf(`GET ${target} HTTP/1.1\r\n${["Host: a", ...lines].map((line) => `${line}\r\n`).join("")}\r\n`);
}

/** What came of a lookup. */
interface Answer {
  readonly status: number;
  readonly text: string;
  readonly cacheStatus: string | null;
  readonly coding: string | null;
  readonly outcome: CacheOutcome;
}

function answerOf(reply: Reply): Answer {
  const valueOf = (name: string) => reply.head.fields.find(([other]) => other === name)?.[1] ?? null;
  const coding = valueOf("Content-Encoding");
  const octets = contentOf(reply);
  const text = (coding === "gzip" ? gunzipSync(octets) : octets).toString();
  return { status: reply.status, text, coding, cacheStatus: valueOf("Cache-Status"), outcome: reply.outcome };
}

/** Asks as a connection does: what `respond` doesn't know is looked up. */
function lookUp({ built }: Scene, target: string, ...lines: readonly string[]): Promise<Answer> {
  const request = requestFor(target, ...lines);
  const known = built.site.respond(request, performance.now());
  if (known !== null) return Promise.resolve(answerOf(known));
  return new Promise((resolve) => {
    built.site.answer(new AskedExchange(request, (reply) => resolve(answerOf(reply))));
  });
}

/** Asks until the file is old enough to be believed. */
async function untilKnown(scene: Scene, target: string, ...lines: readonly string[]): Promise<void> {
  await until(async () => {
    await lookUp(scene, target, ...lines);
    return scene.built.site.respond(requestFor(target, ...lines), performance.now()) !== null;
  }, `${target} is known`);
}

describe("what the cache knows", () => {
  test("nothing: a load; then the same from the cache", async () => {
    await using scene = await sceneOf({ "a.txt": "aaa" });
    expect(scene.built.site.respond(requestFor("/a.txt"), performance.now())).toBeNull();
    const first = await lookUp(scene, "/a.txt");
    expect(first).toMatchObject({ status: 200, text: "aaa", cacheStatus: "saker; fwd=uri-miss" });
    expect(first.outcome).toBe(CacheOutcome.Miss);
    await untilKnown(scene, "/a.txt");
    const { admissions } = scene.work;
    expect(await lookUp(scene, "/a.txt")).toMatchObject({ text: "aaa", cacheStatus: "saker; hit" });
    expect(scene.work.admissions).toBe(admissions);
  });

  test("a former version: it stays until it is replaced, and is why", async () => {
    await using scene = await sceneOf({ "a.txt": "one" }, "cache_revalidate_ms = 0\n");
    await untilKnown(scene, "/a.txt");
    await scene.files.replace("a.txt", "two");
    for (let round = 0; round < 2; round++) {
      expect(scene.built.site.respond(requestFor("/a.txt"), performance.now())).toBeNull();
    }
    expect(await lookUp(scene, "/a.txt")).toMatchObject({ text: "two", cacheStatus: "saker; fwd=stale" });
  });

  test("a file that is rewritten in place while it is believed", async () => {
    const large = Buffer.alloc(100_000, "x").toString();
    await using scene = await sceneOf({ "large.bin": large }, "cache_revalidate_ms = 60000\n");
    await untilKnown(scene, "/large.bin");
    appendFileSync(scene.files.path("large.bin"), "y");
    await until(
      () => scene.built.site.respond(requestFor("/large.bin"), performance.now()) === null,
      "a look shows that it has changed",
    );
    expect(await lookUp(scene, "/large.bin")).toMatchObject({ text: `${large}y`, cacheStatus: "saker; fwd=stale" });
  });

  test("nothing ever, with the cache off", async () => {
    await using scene = await sceneOf({ "a.txt": "aaa" }, "cache_size_mb = 0\n");
    const answers = await Promise.all([lookUp(scene, "/a.txt"), lookUp(scene, "/a.txt")]);
    for (const answer of answers) expect(answer).toMatchObject({ text: "aaa", cacheStatus: "saker; fwd=bypass" });
    expect(scene.work.admissions).toBe(2);
  });
});

describe("loads", () => {
  test("are shared by all who ask for a path, and by nobody else", async () => {
    await using scene = await sceneOf({ "a.txt": "aaa", "b.txt": "bbb" });
    const targets = ["/a.txt", "/a.txt?x", "//a.txt", "/b.txt", "/a.txt"];
    const answers = await Promise.all(targets.map((target) => lookUp(scene, target)));
    expect(answers.map(({ text }) => text)).toEqual(["aaa", "aaa", "aaa", "bbb", "aaa"]);
    expect(scene.work).toMatchObject({ admissions: 2, rejections: 0, waiting: 0, active: 0 });
  });

  test("wait for a place, and are refused without one in the queue", async () => {
    const files = Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, name.repeat(3)]));
    await using scene = await sceneOf(files, "threads_per_worker = 1\nqueue_size = 1\n");
    const answers = await Promise.all(["/a", "/b", "/c", "/d", "/a", "/b"].map((target) => lookUp(scene, target)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 503, 503, 200, 200]);
    expect(scene.work).toMatchObject({ admissions: 2, rejections: 2, waiting: 0, active: 0 });
  });

  test("end whether or not the client is still there, who gets no reply", async () => {
    await using scene = await sceneOf({ "a.txt": "aaa" });
    const replies: Reply[] = [];
    const gone = new AskedExchange(requestFor("/a.txt"), (reply) => void replies.push(reply));
    scene.built.site.answer(gone);
    const others = lookUp(scene, "/a.txt");
    let aborts = 0;
    Object.assign(gone, { isAbandoned: true, abort: () => aborts++ });
    expect((await others).text).toBe("aaa");
    expect({ replies, aborts }).toEqual({ replies: [], aborts: 1 });
    expect(scene.work.active).toBe(0);
  });
});

describe("guards", () => {
  test("come before anything is looked for", async () => {
    await using scene = await sceneOf(GUARDED, GUARDS);
    for (const target of ["/vault/a.txt", "/vault/missing", "/vault/", "/open.key"]) {
      expect((await lookUp(scene, target)).status).toBe(401);
      expect((await lookUp(scene, target, basic("ann", "no"))).status).toBe(401);
    }
    expect(scene.built.site.work.places.hasFree).toBe(true);
    expect(await lookUp(scene, "/vault/missing", ANN)).toMatchObject({ status: 404 });
  });

  test("of the file that a rule leads to hold as well", async () => {
    await using scene = await sceneOf(GUARDED, GUARDS);
    expect((await lookUp(scene, "/open/a.txt")).status).toBe(401);
    expect((await lookUp(scene, "/open/a.txt", basic("eve", "one"))).status).toBe(401);
    expect(await lookUp(scene, "/open/a.txt", BOB)).toMatchObject({ status: 200, text: "secret" });
  });

  test("are asked by each request for itself, while all share one load", async () => {
    await using scene = await sceneOf(GUARDED, GUARDS);
    await lookUp(scene, "/vault/b.txt", ANN);
    await lookUp(scene, "/vault/b.txt", BOB);
    const { admissions } = scene.work;
    const lines = [ANN, BOB, basic("ann", ""), "X: y", ANN];
    const answers = await Promise.all(lines.map((line) => lookUp(scene, "/vault/a.txt", line)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 401, 200]);
    // Of these passwords two were known; one had to be checked, what is none takes no place.
    expect(scene.work.admissions - admissions).toBe(2);
  });

  test("the same password is checked once, and who was admitted keeps its place", async () => {
    await using scene = await sceneOf(GUARDED, `threads_per_worker = 1\nqueue_size = 0\n${GUARDS}`);
    const verifying = spyOn(Bun.password, "verify");
    try {
      const answers = await Promise.all(Array.from({ length: 5 }, () => lookUp(scene, "/vault/a.txt", ANN)));
      expect(answers.map(({ text }) => text)).toEqual(Array(5).fill("secret"));
      expect(verifying).toHaveBeenCalledTimes(1);
      expect(scene.work).toMatchObject({ admissions: 1, rejections: 0, active: 0 });
    } finally {
      verifying.mockRestore();
    }
  });

  test("a check that finds no place is answered with 503, whatever is there; what is known is not", async () => {
    await using scene = await sceneOf(GUARDED, `threads_per_worker = 1\nqueue_size = 0\n${GUARDS}`);
    const first = lookUp(scene, "/open.txt");
    const others = ["/vault/a.txt", "/vault/missing"].flatMap((target) => [
      lookUp(scene, target, ANN),
      lookUp(scene, target),
    ]);
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual([503, 401, 503, 401]);
    expect((await first).text).toBe("o");
  });

  test("guesses take no more than their share of the places", async () => {
    await using scene = await sceneOf(GUARDED, `threads_per_worker = 4\nqueue_size = 0\n${GUARDS}`);
    const guesses = Array.from({ length: 4 }, (_, index) => lookUp(scene, "/vault/a.txt", basic("ann", `${index}`)));
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([401, 401, 503, 503]);
    expect(scene.work).toMatchObject({ waiting: 0, active: 0 });
  });

  test("a password that is unknown, for a path that is known", async () => {
    await using scene = await sceneOf(GUARDED, GUARDS);
    await untilKnown(scene, "/vault/a.txt", ANN);
    expect(await lookUp(scene, "/vault/a.txt", BOB)).toMatchObject({
      text: "secret",
      cacheStatus: "saker; fwd=request",
    });
    expect(await lookUp(scene, "/vault/a.txt", BOB)).toMatchObject({ text: "secret", cacheStatus: "saker; hit" });
  });

  test("nothing that is remembered of running work holds a password", async () => {
    await using scene = await sceneOf(GUARDED, GUARDS);
    const answers = [ANN, BOB].map((line) => lookUp(scene, "/vault/a.txt", line));
    const { gatekeeper, loads } = scene.built.site.work;
    const keys = [loads, (gatekeeper as any).checks].flatMap((work) => [...(work as any).underWay.keys()]);
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(key).toMatch(/^[\w+/]{43}=$/);
    await Promise.all(answers);
  });
});

describe("codings", () => {
  test("the one that is preferred is made once, for all who ask", async () => {
    await using scene = await sceneOf({ "a.txt": TEXT });
    const gzip = "Accept-Encoding: gzip";
    const answers = await Promise.all([gzip, "X: y", gzip].map((line) => lookUp(scene, "/a.txt", line)));
    expect(answers.map(({ coding }) => coding)).toEqual(["gzip", null, "gzip"]);
    for (const answer of answers) expect(answer).toMatchObject({ text: TEXT, cacheStatus: "saker; fwd=uri-miss" });
    expect(scene.work).toMatchObject({ admissions: 2, active: 0 });
  });

  test("of a file that is known", async () => {
    await using scene = await sceneOf({ "a.txt": TEXT });
    await untilKnown(scene, "/a.txt");
    const made = await lookUp(scene, "/a.txt", "Accept-Encoding: gzip");
    expect(made).toMatchObject({ coding: "gzip", text: TEXT, cacheStatus: "saker; fwd=vary-miss" });
    expect(await lookUp(scene, "/a.txt", "Accept-Encoding: gzip")).toMatchObject({ cacheStatus: "saker; hit" });
  });

  test("without a free place the file is sent as it is, at once", async () => {
    await using scene = await sceneOf({ "a.txt": TEXT, "b.txt": "b" }, "threads_per_worker = 1\n");
    await untilKnown(scene, "/a.txt");
    const other = lookUp(scene, "/b.txt");
    const uncoded = await lookUp(scene, "/a.txt", "Accept-Encoding: gzip");
    expect(uncoded).toMatchObject({ coding: null, text: TEXT, cacheStatus: "saker; fwd=vary-miss" });
    expect((await other).text).toBe("b");
    expect(scene.work.rejections).toBe(0);
  });
});

test("what explains a lookup sees what it found, and who refused", async () => {
  await using scene = await sceneOf(GUARDED, GUARDS);
  const lookupOf = (target: string, line: string) =>
    new Promise<Lookup>((resolve) => {
      const lookup = new Lookup(scene.built.site, new AskedExchange(requestFor(target, line), () => resolve(lookup)));
      lookup.start();
    });
  const admitted = await lookupOf("/open/a.txt", ANN);
  expect([admitted.found?.kind, admitted.refusedBy]).toEqual([EntryKind.File, null]);
  const refused = await lookupOf("/open/b.txt", "X: y");
  expect([refused.found, refused.refusedBy?.because.setting]).toEqual([null, "basic_auth"]);
});
