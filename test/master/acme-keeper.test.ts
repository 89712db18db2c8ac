/** The master's part: what is due is given to the helper, what came of it is said and remembered. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load-settings.ts";
import type { Settings } from "../../src/config/settings.ts";
import { AcmeHelper } from "../../src/master/acme-helper.ts";
import { AcmeKeeper } from "../../src/master/acme-keeper.ts";
import { ChallengeBoard } from "../../src/master/challenge-board.ts";
import type { AcmeStatus } from "../../src/tls/acme/acme-status.ts";
import type { AcmeJob, AcmeReport } from "../../src/tls/acme/helper-messages.ts";
import { writeKept } from "../../src/tls/kept-files.ts";
import { AcmeStorage } from "../../src/tls/acme/storage.ts";
import { issueAuthority, issueForServer } from "../../src/tls/x509/issue.ts";
import type { CredentialFacts } from "../../src/tls/credential-facts.ts";
import type { Piece } from "../../src/tls/credential-memory.ts";
import { until } from "../support/deadline.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "saker-keeper-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const TOKEN = "a".repeat(43);

/** What a store does with proofs. */
class Memory {
  readonly pieces = new Map<string, Piece<CredentialFacts>>();

  show(piece: Piece<CredentialFacts>): void {
    this.pieces.set(piece.id, piece);
  }

  hide(id: string): void {
    this.pieces.delete(id);
  }
}

class KeeperUnderTest implements Disposable {
  readonly jobs: AcmeJob[] = [];
  readonly lines: string[] = [];
  readonly memory = new Memory();
  readonly board = new ChallengeBoard(this.memory);
  status: AcmeStatus | null = null;
  /** What becomes of a task. */
  report: (id: string) => AcmeReport = (id) => ({ id, outcome: "kept", line: "", nextAttemptMs: 0 });
  readonly keeper: AcmeKeeper;

  constructor(readonly settings: Settings = settingsFor("a.example")) {
    const helper = new AcmeHelper(["nothing"]);
    helper.run = async ({ job, report }) => {
      this.jobs.push(job);
      for (const { id } of job.tasks) report(this.report(id));
    };
    const say = (line: string): void => void this.lines.push(line);
    this.keeper = new AcmeKeeper({
      settings,
      board: this.board,
      log: { info: say, warn: say, error: say },
      version: "1.2.3",
      env: {},
      helper,
      publish: (status) => (this.status = status),
    });
  }

  [Symbol.dispose](): void {
    this.keeper.stop();
  }
}

let folders = 0;

function settingsFor(...names: string[]): Settings {
  const storage = join(FOLDER, String(folders++));
  const argv = ["--no-config", ...names.flatMap((name) => ["--domain", name]), "--tls-acme-storage", storage];
  return loadSettings({ argv, env: {}, cwd: FOLDER });
}

describe("looking", () => {
  test("gives what is due to one helper", async () => {
    using it = new KeeperUnderTest(settingsFor("a.example", "b.example"));
    it.keeper.start();
    await until(() => it.jobs.length > 0, "a helper is started");
    const [job] = it.jobs;
    expect(job!.tasks.map(({ id, wish }) => [id, wish])).toEqual([
      ["a.example", "due"],
      ["b.example", "due"],
    ]);
    expect([job!.userAgent, job!.rehearsalDirectory]).toEqual([
      "saker/1.2.3",
      "https://acme-staging-v02.api.letsencrypt.org/directory",
    ]);
    await until(() => it.status !== null, "the status is published");
    expect(it.status!.certificates.map(({ name, trouble }) => [name, trouble])).toEqual([
      ["a.example", null],
      ["b.example", null],
    ]);
  });

  test("starts nothing where saker gets no certificates", async () => {
    using it = new KeeperUnderTest(loadSettings({ argv: ["--no-config"], env: {}, cwd: FOLDER }));
    it.keeper.start();
    await Bun.sleep(0);
    expect([it.jobs, it.keeper.status()]).toEqual([[], null]);
  });

  test("says what failed and when it is tried again, and looks again after a reload that changes something", async () => {
    using it = new KeeperUnderTest();
    it.report = (id) => ({ id, outcome: "failed", line: "no route", nextAttemptMs: Date.now() + 3_600_000 });
    it.keeper.start();
    await until(() => it.lines.length > 0, "it is said");
    expect(it.lines[0]).toMatch(/^no certificate for a\.example: no route; next attempt at 20\d\d-.*Z$/);
    it.keeper.adapt(it.settings);
    const { tls } = it.settings;
    it.keeper.adapt({ ...it.settings, tls: { ...tls, acme: { ...tls.acme!, email: "me@a.example" } } });
    await until(() => it.jobs.length > 1, "it looks again");
    expect(it.jobs[1]!.settings.email).toBe("me@a.example");
  });

  test("goes on where the storage can't be read", async () => {
    const settings = settingsFor("a.example");
    const storage = settings.tls.acme!.storage!;
    // A folder where a file should be.
    writeKept(join(storage, "certificates/a.example/certificate.pem/x"), "");
    using it = new KeeperUnderTest(settings);
    it.keeper.start();
    await until(() => it.lines.length > 0, "it is said");
    expect(it.lines[0]).toMatch(
      /^no certificate for a\.example: .*certificate\.pem can't be read: .*; next attempt at .*Z$/,
    );
    expect(it.keeper.status()!.certificates[0]!.trouble).toMatch(
      /^no certificate for a\.example: certificate\.pem can't be read/,
    );
  });
});

test("what another machine has done since isn't a trouble any more", async () => {
  using it = new KeeperUnderTest();
  it.report = (id) => ({ id, outcome: "failed", line: "no hook", nextAttemptMs: Date.now(), isLocal: true });
  it.keeper.start();
  await until(() => it.keeper.status()!.certificates[0]!.trouble !== null, "it has failed");
  const period = { notBeforeMs: Date.now(), notAfterMs: Date.now() + 86_400_000 };
  const { certificate, key } = issueForServer(["a.example"], issueAuthority("a", "b", period), period);
  const storage = new AcmeStorage(it.settings.tls.acme!.storage!);
  storage.saveCertificate("a.example", { chain: certificate, key });
  const asked = { askedAbout: storage.certificate("a.example")!.identity, askAgainMs: Date.now() + 3_600_000 };
  storage.saveState("a.example", { ...storage.state("a.example"), ...asked });
  it.keeper.start();
  await until(() => it.keeper.status()!.certificates[0]!.trouble === null, "nothing is wrong");
  expect(it.jobs.length).toBe(1);
});

describe("wishes", () => {
  test("are for names that saker gets certificates for", async () => {
    using it = new KeeperUnderTest();
    it.report = (id) => ({
      id,
      outcome: "issued",
      line: `${id} by Fake, because it is to be replaced`,
      nextAttemptMs: 0,
    });
    expect(await it.keeper.order("A.example", "renew")).toEqual({
      isGood: true,
      line: "a new certificate: a.example by Fake, because it is to be replaced",
    });
    expect(it.jobs[0]!.tasks[0]!.wish).toBe("renew");
    expect(await it.keeper.order("b.example", "revoke")).toEqual({
      isGood: false,
      line: "saker gets no certificate for b.example",
    });
    expect(it.keeper.status()!.ordersIssued).toBe(1);
  });

  test("that fail are said to whoever has them", async () => {
    using it = new KeeperUnderTest();
    it.report = (id) => ({ id, outcome: "failed", line: "no route", nextAttemptMs: Date.now() });
    const { isGood, line } = await it.keeper.order("a.example", "revoke");
    expect([isGood, line]).toEqual([false, expect.stringContaining("no certificate for a.example: no route")]);
  });
});

describe("proofs", () => {
  const proof = { type: "http-01", name: "a.example", token: TOKEN, keyAuthorization: `${TOKEN}.key` } as const;

  test("of our own are shown until they are hidden", () => {
    using it = new KeeperUnderTest();
    it.board.show(proof);
    expect(it.memory.pieces.get(`http-01:${TOKEN}`)!.texts).toEqual([`${TOKEN}.key`]);
    it.board.hide(TOKEN);
    expect(it.memory.pieces.size).toBe(0);
  });

  test("of others are found by token or by name, and nothing else is", async () => {
    using it = new KeeperUnderTest();
    const folder = it.settings.tls.acme!.storage!;
    it.keeper.start();
    writeKept(join(folder, "challenges", TOKEN), JSON.stringify(proof));
    const other = { ...proof, type: "tls-alpn-01", name: "b.example", token: "b".repeat(43) };
    writeKept(join(folder, "challenges", other.token), JSON.stringify(other));
    writeKept(join(folder, "challenges", "c".repeat(43)), "garbage");
    writeFileSync(join(folder, "secret"), JSON.stringify(proof));
    for (const id of ["http-01:../secret", "http-01:", `http-01:${"c".repeat(43)}`, "tls-alpn-01:c.example", "other"]) {
      await it.board.find(id);
    }
    expect(it.memory.pieces.size).toBe(0);
    await it.board.find(`http-01:${TOKEN}`);
    await it.board.find("tls-alpn-01:b.example");
    expect([...it.memory.pieces.keys()]).toEqual([`http-01:${TOKEN}`, "tls-alpn-01:b.example"]);
    expect(it.memory.pieces.get("tls-alpn-01:b.example")!.texts[0]).toContain("BEGIN CERTIFICATE");
  });
});
