/** The helper as a process of its own, against Debian's pebble; a test stands in for the master. */
import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { certificateFile } from "../../../src/tls/acme/wanted-certificates.ts";
import { issueAuthority, issueForServer } from "../../../src/tls/x509/issue.ts";
import { readCredential } from "../../../src/tls/credential.ts";
import { until } from "../../support/deadline.ts";
import { HelperUnderTest } from "./support/helper.ts";
import { isPebbleHere, type Pebble, type PebbleOptions, pebbleIsMissing, startPebble } from "./support/pebble.ts";
import { serveProofs, ShownProofs } from "./support/provers.ts";

const ID = "a.example";
const taskFor = (wish: "due" | "renew" | "revoke", name = ID) => ({ id: name, names: [name], wish });

/** Pebble, and a server that shows proofs of http-01 where it looks for them. */
class Bed implements AsyncDisposable {
  private constructor(
    readonly pebble: Pebble,
    readonly proofs: ShownProofs,
    private readonly server: ReturnType<typeof serveProofs>,
  ) {}

  static async make(options: PebbleOptions = {}): Promise<Bed> {
    const proofs = new ShownProofs("http-01");
    const server = serveProofs(proofs);
    return new Bed(await startPebble({ httpPort: server.port!, ...options }), proofs, server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pebble[Symbol.asyncDispose]();
    await this.server.stop(true);
  }
}

const outcomes = (reports: readonly { outcome: string }[]): string[] => reports.map(({ outcome }) => outcome);

// Each has an authority and a storage of its own, and mostly waits for the one or the other.
describe.concurrent.skipIf(!isPebbleHere)(`the helper${pebbleIsMissing}`, () => {
  test("gets a certificate by http-01, for its owner alone, and has nothing to do then", async () => {
    await using bed = await Bed.make({ refusedNonces: 20 });
    using helper = HelperUnderTest.for(bed.pebble, bed.proofs, { email: "me@example.com" });
    expect(outcomes(await helper.run())).toEqual(["issued"]);
    const file = certificateFile(helper.folder, ID);
    const outcome = readCredential(readFileSync(file, "utf8"), readFileSync(file, "utf8"));
    expect(outcome.isGood && outcome.credential.facts.names).toEqual([ID]);
    for (const entry of readdirSync(helper.folder, { recursive: true, withFileTypes: true })) {
      const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
      expect([entry.name, mode]).toEqual([entry.name, entry.isDirectory() ? 0o700 : 0o600]);
    }
    expect(readdirSync(join(helper.folder, "certificates", ID)).sort()).toEqual(["certificate.pem", "state.json"]);
    expect(readdirSync(join(helper.folder, "challenges"))).toEqual([]);
    expect(outcomes(await helper.run())).toEqual(["kept"]);
  });

  test("replaces one that has expired, and one that is broken", async () => {
    await using bed = await Bed.make();
    using helper = HelperUnderTest.for(bed.pebble, bed.proofs);
    const period = { notBeforeMs: Date.now() - 2 * 86_400_000, notAfterMs: Date.now() - 86_400_000 };
    const { certificate, key } = issueForServer([ID], issueAuthority("a", "b", period), period);
    helper.storage.saveCertificate(ID, { chain: certificate, key });
    expect(await helper.run()).toMatchObject([
      { outcome: "issued", line: expect.stringContaining("because most of its time is over") },
    ]);
    writeFileSync(certificateFile(helper.folder, ID), "broken");
    expect(await helper.run()).toMatchObject([
      { outcome: "issued", line: expect.stringContaining("because there is none") },
    ]);
  });

  test("renews when told to, and keeps the one before", async () => {
    await using bed = await Bed.make();
    using helper = HelperUnderTest.for(bed.pebble, bed.proofs);
    await helper.run();
    const before = readFileSync(certificateFile(helper.folder, ID), "utf8");
    expect(outcomes(await helper.run([taskFor("renew")]))).toEqual(["issued"]);
    expect(readFileSync(certificateFile(helper.folder, ID), "utf8")).not.toBe(before);
    expect(readFileSync(join(helper.folder, "certificates", ID, "previous.pem"), "utf8")).toBe(before);
  });

  test("revokes, and gets another one at once", async () => {
    await using bed = await Bed.make();
    using helper = HelperUnderTest.for(bed.pebble, bed.proofs);
    await helper.run();
    const before = helper.storage.certificate(ID)!;
    expect(outcomes(await helper.run([taskFor("revoke")]))).toEqual(["issued"]);
    expect(helper.storage.certificate(ID)!.fingerprint).not.toBe(before.fingerprint);
    const serial = Buffer.from(before.identity!.split(".")[1]!, "base64url").toString("hex");
    expect(await bed.pebble.statusOf(serial.replace(/^00/, "").replace(/^0/, ""))).toBe("Revoked");
  });

  test("by dns-01, with a program that sets records", async () => {
    await using bed = await Bed.make();
    using helper = HelperUnderTest.for(bed.pebble, bed.proofs);
    const dns_hook = writeDnsHook(helper.folder, bed.pebble.nameServerUrl);
    using other = HelperUnderTest.for(bed.pebble, bed.proofs, { challenge: "dns-01", dns_hook }, helper.folder);
    const names = ["*.a.example", "a.example"];
    const [report] = await other.run([{ id: "both", names, wish: "due" }]);
    expect(report?.line).toContain("by Pebble");
    expect([...helper.storage.certificate("both")!.names].sort()).toEqual(names);
  });

  test("several machines with one storage order once", async () => {
    await using bed = await Bed.make({ delaySeconds: 1 });
    using one = HelperUnderTest.for(bed.pebble, bed.proofs);
    using other = HelperUnderTest.for(bed.pebble, bed.proofs, {}, one.folder);
    using third = HelperUnderTest.for(bed.pebble, bed.proofs, {}, one.folder);
    const reports = (await Promise.all([one, other, third].map((helper) => helper.run()))).flat();
    expect(outcomes(reports).sort()).toEqual(["issued", "kept", "kept"]);
    expect(readdirSync(join(one.folder, "accounts")).length).toBe(1);
  });

  test("one that is killed on its way is gone on with, by the same order", async () => {
    await using bed = await Bed.make({ delaySeconds: 2 });
    using helper = HelperUnderTest.for(bed.pebble, bed.proofs);
    const first = helper.run();
    const journal = join(helper.folder, "certificates", ID, "unfinished.json");
    const order = await until(() => orderIn(journal), "an order is placed");
    helper.helper.kill();
    expect(await first).toMatchObject([{ outcome: "failed", line: "the helper ended with SIGKILL" }]);
    rmSync(helper.storage.lockFile(ID)); // in place of the time after which it is taken over (storage-lock.test.ts)
    const second = helper.run();
    await until(() => helper.proofs.shown.size > 0 || orderIn(journal) === null, "it goes on");
    expect([order, null]).toContain(orderIn(journal));
    expect(outcomes(await second)).toEqual(["issued"]);
  });

  test("a proof that isn't there: why, when it tries again, and what was there stays", async () => {
    await using bed = await Bed.make();
    using helper = HelperUnderTest.for(bed.pebble, bed.proofs);
    await helper.run();
    const before = readFileSync(certificateFile(helper.folder, ID), "utf8");
    using blind = HelperUnderTest.for(bed.pebble, new ShownProofs("http-01"), {}, helper.folder);
    const startMs = Date.now();
    const [report] = await blind.run([taskFor("renew")]);
    expect(report).toMatchObject({ outcome: "failed", line: expect.stringMatching(/^a\.example: unauthorized: /) });
    expect(report!.nextAttemptMs).toBeGreaterThan(startMs + 60_000);
    expect(readFileSync(certificateFile(helper.folder, ID), "utf8")).toBe(before);
    const { failures, lastError, failedValidations } = helper.storage.state(ID);
    expect([failures, lastError?.kind, failedValidations.length]).toEqual([1, "unproven", 1]);
  });

  test("after a failure that counts, it goes where nothing is counted", async () => {
    await using bed = await Bed.make();
    await using rehearsal = await startPebble({ httpPort: 1 });
    using helper = HelperUnderTest.for(bed.pebble, bed.proofs);
    const lastError = { atMs: Date.now(), kind: "unproven" as const, line: "before" };
    helper.storage.saveState(ID, { ...helper.storage.state(ID), failures: 1, lastError });
    // Both directories are vouched for.
    const both = join(helper.folder, "both.pem");
    writeFileSync(both, bed.pebble.authorities + rehearsal.authorities);
    using careful = HelperUnderTest.for(bed.pebble, bed.proofs, { directory_ca: both }, helper.folder);
    const [report] = await careful.run([taskFor("due")], rehearsal.directoryUrl);
    expect(report).toMatchObject({ outcome: "failed", line: expect.stringContaining("(tried at 127.0.0.1:") });
    expect(helper.storage.certificate(ID)).toBeNull();
    expect(helper.storage.state(ID).failures).toBe(2);
  });

  test("a rehearsal that goes well is followed by the real thing", async () => {
    await using bed = await Bed.make();
    using helper = HelperUnderTest.for(bed.pebble, bed.proofs);
    const lastError = { atMs: Date.now(), kind: "unproven" as const, line: "before" };
    helper.storage.saveState(ID, { ...helper.storage.state(ID), failures: 3, lastError });
    expect(outcomes(await helper.run([taskFor("due")], bed.pebble.directoryUrl))).toEqual(["issued"]);
    expect(helper.storage.state(ID)).toMatchObject({ failures: 0, lastError: null });
  });

  test("what can't be stored isn't ordered", async () => {
    await using bed = await Bed.make();
    using helper = HelperUnderTest.for(bed.pebble, bed.proofs);
    // Nobody, root included, can write below a file.
    mkdirSync(join(helper.folder, "certificates"));
    writeFileSync(join(helper.folder, "certificates", ID), "");
    const [report] = await helper.run();
    expect(report).toMatchObject({ outcome: "failed", line: expect.stringContaining("lock can't be made") });
    rmSync(join(helper.folder, "certificates", ID));
    mkdirSync(join(helper.folder, "certificates", ID));
    mkdirSync(join(helper.folder, "certificates", ID, "unfinished.json"));
    const [second] = await helper.run();
    expect(second).toMatchObject({ outcome: "failed", line: expect.stringContaining("unfinished.json can't be") });
    expect(bed.proofs.shown.size).toBe(0);
  });
});

test("a directory that is down: why, and again within seconds", async () => {
  using helper = new HelperUnderTest({});
  const [report] = await helper.run();
  expect(report).toMatchObject({ outcome: "failed", line: expect.stringContaining("127.0.0.1 can't be reached") });
  expect(report!.nextAttemptMs).toBeLessThan(Date.now() + 60_000);
});

test("a file of authorities that isn't there", async () => {
  using helper = new HelperUnderTest({ directory_ca: "/nowhere/ca.pem" });
  expect(await helper.run()).toMatchObject([
    { outcome: "failed", line: "directory_ca /nowhere/ca.pem does not exist" },
  ]);
});

/** A program that sets records at pebble-challtestsrv. */
function writeDnsHook(folder: string, nameServerUrl: string): string {
  const path = join(folder, "dns-hook");
  const post = (action: string, content: string): string => `curl -sf -d '${content}' ${nameServerUrl}/${action}`;
  const text = `#!/bin/sh
case $1 in
add) ${post("set-txt", `{"host":"'$2'.","value":"'$3'"}`)} ;;
remove) ${post("clear-txt", `{"host":"'$2'."}`)} ;;
esac
`;
  writeFileSync(path, text, { mode: 0o700 });
  return path;
}

/** The order that a journal has. */
function orderIn(journal: string): string | null {
  try {
    return (JSON.parse(readFileSync(journal, "utf8")) as { order: string | null }).order;
  } catch {
    return null;
  }
}
