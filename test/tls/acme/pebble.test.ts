/** The client against a real authority: Debian's pebble. */
import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { AccountKey } from "../../../src/tls/acme/account-key.ts";
import { type AccountWish, enterAccount } from "../../../src/tls/acme/account.ts";
import { AcmeError } from "../../../src/tls/acme/acme-error.ts";
import { fetchTransport } from "../../../src/tls/acme/fetch-transport.ts";
import { issue, type IssuanceWish } from "../../../src/tls/acme/issuance.ts";
import { revoke, RevocationReason } from "../../../src/tls/acme/revocation.ts";
import { AcmeSession } from "../../../src/tls/acme/session.ts";
import { REAL_CLOCK } from "../../../src/tls/acme/transport.ts";
import { factsOf } from "../../../src/tls/certificate.ts";
import { certificateBlocks } from "../../../src/tls/pem.ts";
import { isPebbleHere, type Pebble, pebbleIsMissing, startPebble } from "./support/pebble.ts";
import { MemoryJournal, serveProofs, ShownProofs, TxtProver } from "./support/provers.ts";

const AGREED: AccountWish = { email: "me@example.com", agreesToTerms: true, external: null };

async function sessionWith(pebble: Pebble, key?: AccountKey): Promise<AcmeSession> {
  return new AcmeSession({
    transport: fetchTransport({ userAgent: "saker-test", authorities: pebble.authorities }),
    directoryUrl: pebble.directoryUrl,
    key: key ?? (await AccountKey.generate()),
    clock: REAL_CLOCK,
  });
}

async function enteredSession(pebble: Pebble): Promise<AcmeSession> {
  const session = await sessionWith(pebble);
  await enterAccount(session, AGREED);
  return session;
}

const wishFor = (...names: string[]): IssuanceWish => ({ names, profile: "", replaces: null, preferredChain: "" });

const leafOf = (chain: string): X509Certificate => new X509Certificate(certificateBlocks(chain)[0]!);

/** The error of a promise that is expected to reject. */
async function errorOf(promise: Promise<unknown>): Promise<AcmeError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof AcmeError) return error;
    throw error;
  }
  throw new Error("nothing went wrong");
}

// Each has an authority of its own, and mostly waits for it.
describe.concurrent.skipIf(!isPebbleHere)(`pebble${pebbleIsMissing}`, () => {
  test("an account is found again by its key", async () => {
    await using pebble = await startPebble();
    const key = await AccountKey.generate();
    const first = await enterAccount(await sessionWith(pebble, key), AGREED);
    const again = await AccountKey.fromPem(await key.pemOf());
    expect(await enterAccount(await sessionWith(pebble, again), AGREED)).toBe(first);
    expect(await enterAccount(await sessionWith(pebble), AGREED)).not.toBe(first);
  });

  test("without agreement to the terms there is no account, and they are named", async () => {
    await using pebble = await startPebble();
    const session = await sessionWith(pebble);
    const error = await errorOf(enterAccount(session, { ...AGREED, agreesToTerms: false }));
    expect(error.message).toContain((await session.directory()).terms!);
    expect(error.message).toContain("--agree-to-terms");
  });

  test("http-01, with every other nonce refused and validations that take their time", async () => {
    const prover = new ShownProofs("http-01");
    await using server = serveProofs(prover);
    await using pebble = await startPebble({ httpPort: server.port, refusedNonces: 50, delaySeconds: 1 });
    const session = await enteredSession(pebble);
    const issued = await issue(session, wishFor("a.example", "b.example"), prover, new MemoryJournal());
    const leaf = leafOf(issued.chain);
    expect([...factsOf(leaf).names].sort()).toEqual(["a.example", "b.example"]);
    expect(certificateBlocks(issued.chain).length).toBeGreaterThan(1);
    const intermediate = new X509Certificate(certificateBlocks(issued.chain)[1]!);
    expect(leaf.verify(intermediate.publicKey)).toBe(true);
    expect(intermediate.verify(new X509Certificate(await pebble.root()).publicKey)).toBe(true);
    expect(prover.shown.size).toBe(0);
  });

  test("http-01 for an address", async () => {
    const prover = new ShownProofs("http-01");
    await using server = serveProofs(prover);
    await using pebble = await startPebble({ httpPort: server.port });
    const issued = await issue(await enteredSession(pebble), wishFor("127.0.0.1"), prover, new MemoryJournal());
    expect(factsOf(leafOf(issued.chain)).names).toEqual(["127.0.0.1"]);
  });

  test("dns-01, a name and its wildcard, which share a record", async () => {
    await using pebble = await startPebble();
    const session = await enteredSession(pebble);
    const names = ["a.example", "*.a.example"];
    const issued = await issue(session, wishFor(...names), new TxtProver(pebble), new MemoryJournal());
    expect([...factsOf(leafOf(issued.chain)).names].sort()).toEqual(names.sort());
  });

  test("a proof that isn't there: the name, and what the authority saw", async () => {
    const prover = new ShownProofs("http-01");
    await using server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("", { status: 404 }) });
    await using pebble = await startPebble({ httpPort: server.port! });
    const session = await enteredSession(pebble);
    const error = await errorOf(issue(session, wishFor("a.example"), prover, new MemoryJournal()));
    expect([error.kind, error.names]).toEqual(["unproven", ["a.example"]]);
    expect(error.message).toMatch(/^a\.example: unauthorized: .*404/);
    expect(prover.shown.size).toBe(0);
  });

  test("a wildcard can't be proven by http-01, and what can is said", async () => {
    await using pebble = await startPebble();
    const session = await enteredSession(pebble);
    const error = await errorOf(
      issue(session, wishFor("*.a.example"), new ShownProofs("http-01"), new MemoryJournal()),
    );
    expect(error.message).toBe("a.example can't be proven by http-01: the authority offers dns-01");
  });

  test("customers only: with the key that the authority gave out, and not without", async () => {
    const hmacKey = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    await using pebble = await startPebble({ customers: { "kid-1": hmacKey } });
    const outside = await errorOf(enterAccount(await sessionWith(pebble), AGREED));
    expect(outside.message).toContain("eab_key_id");
    const wrong = { ...AGREED, external: { keyId: "kid-1", hmacKey: "AAAA" } };
    expect((await errorOf(enterAccount(await sessionWith(pebble), wrong))).kind).toBe("refused");
    const right = { ...AGREED, external: { keyId: "kid-1", hmacKey } };
    expect(await enterAccount(await sessionWith(pebble), right)).toStartWith("https://");
  });

  test("another chain, where its root is preferred", async () => {
    await using pebble = await startPebble({ alternateRoots: 2 });
    const session = await enteredSession(pebble);
    const roots = await Promise.all([0, 1, 2].map(async (number) => new X509Certificate(await pebble.root(number))));
    for (const root of roots) {
      const preferredChain = /CN=(.*)/.exec(root.subject)![1]!;
      const wish = { ...wishFor("a.example"), preferredChain };
      const issued = await issue(session, wish, new TxtProver(pebble), new MemoryJournal());
      const last = new X509Certificate(certificateBlocks(issued.chain).at(-1)!);
      expect(last.issuer).toBe(root.subject);
    }
  });

  test("an order that was begun is gone on with", async () => {
    await using pebble = await startPebble();
    const session = await enteredSession(pebble);
    const journal = new MemoryJournal();
    const first = await issue(session, wishFor("a.example"), new TxtProver(pebble), journal);
    const again = await issue(session, wishFor("a.example"), new TxtProver(pebble), journal);
    expect(again).toEqual(first);
    const other = await issue(session, wishFor("b.example"), new TxtProver(pebble), journal);
    expect(other.key).not.toBe(first.key);
  });

  test("an order that the authority has forgotten is placed anew", async () => {
    await using pebble = await startPebble();
    const session = await enteredSession(pebble);
    const journal = new MemoryJournal();
    const first = await issue(session, wishFor("a.example"), new TxtProver(pebble), journal);
    journal.entry = { ...journal.entry!, order: `${journal.entry!.order}0` };
    const again = await issue(session, wishFor("a.example"), new TxtProver(pebble), journal);
    expect(again.chain).not.toBe(first.chain);
  });

  test("a certificate is revoked, once and again", async () => {
    await using pebble = await startPebble();
    const session = await enteredSession(pebble);
    const issued = await issue(session, wishFor("a.example"), new TxtProver(pebble), new MemoryJournal());
    const { serialNumber } = leafOf(issued.chain);
    expect(await pebble.statusOf(serialNumber)).toBe("Valid");
    const certificate = certificateBlocks(issued.chain)[0]!;
    await revoke(session, certificate, RevocationReason.KeyCompromise);
    expect(await pebble.statusOf(serialNumber)).toBe("Revoked");
    await revoke(session, certificate, RevocationReason.KeyCompromise);
  });

  test("whom nobody vouches for isn't talked to", async () => {
    await using pebble = await startPebble();
    const transport = fetchTransport({ userAgent: "saker-test", authorities: null });
    const key = await AccountKey.generate();
    const session = new AcmeSession({ transport, directoryUrl: pebble.directoryUrl, key, clock: REAL_CLOCK });
    const error = await errorOf(session.directory());
    expect([error.kind, error.message]).toEqual([
      "unreachable",
      expect.stringMatching(/^127\.0\.0\.1 can't be reached: .*certificate/),
    ]);
  });
});
