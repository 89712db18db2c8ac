/** An issuance from wish to chain, against an authority that does wrong whatever can be done wrong. */
import { describe, expect, test } from "bun:test";
import { AccountKey } from "../../../src/tls/acme/account-key.ts";
import { enterAccount } from "../../../src/tls/acme/account.ts";
import { AcmeError } from "../../../src/tls/acme/acme-error.ts";
import { issue, type IssuanceWish } from "../../../src/tls/acme/issuance.ts";
import { fetchRenewalInfo } from "../../../src/tls/acme/renewal-info.ts";
import { AcmeSession } from "../../../src/tls/acme/session.ts";
import { readCredential } from "../../../src/tls/credential.ts";
import { DIRECTORY, FakeAuthority, FakeClock, json, problem } from "./support/fake-authority.ts";
import { MemoryJournal, ShownProofs } from "./support/provers.ts";

const KEY = await AccountKey.generate();
const WISH: IssuanceWish = { names: ["a.example", "b.example"], profile: "", replaces: null, preferredChain: "" };

function sessionWith(authority: FakeAuthority): AcmeSession {
  return new AcmeSession({ transport: authority.transport, directoryUrl: DIRECTORY, key: KEY, clock: authority.clock });
}

interface Attempt {
  readonly authority: FakeAuthority;
  readonly prover: ShownProofs;
  readonly journal: MemoryJournal;
}

const attempt = (): Attempt => ({
  authority: new FakeAuthority(new FakeClock()),
  prover: new ShownProofs("http-01"),
  journal: new MemoryJournal(),
});

async function run({ authority, prover, journal }: Attempt, wish = WISH) {
  const session = sessionWith(authority);
  await enterAccount(session, { email: "", agreesToTerms: true, external: null });
  return await issue(session, wish, prover, journal);
}

async function errorOf(promise: Promise<unknown>): Promise<AcmeError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof AcmeError) return error;
    throw error;
  }
  throw new Error("nothing went wrong");
}

describe("what goes well", () => {
  test("a chain and its key, for the names", async () => {
    const { chain, key } = await run(attempt());
    const outcome = readCredential(chain, key);
    expect(outcome.isGood && outcome.credential.facts.names).toEqual(WISH.names);
  });

  test("proofs are there when the authority looks, and gone in the end", async () => {
    const it = attempt();
    const shown: number[] = [];
    it.authority.fault = (path) => {
      if (path.startsWith("/challenge/")) shown.push(it.prover.shown.size);
      return null;
    };
    await run(it);
    expect([shown, it.prover.shown.size]).toEqual([[2, 2], 0]);
  });

  test("authorizations of before are used again", async () => {
    const it = attempt();
    await run(it);
    const before = it.authority.asked.length;
    it.journal.entry = null;
    await run(it);
    expect(
      it.authority
        .paths()
        .slice(before)
        .some((path) => path.startsWith("/challenge/")),
    ).toBe(false);
  });

  test("refused nonces, as many as there are", async () => {
    const it = attempt();
    let refused = 0;
    it.authority.fault = (path, { method }) => {
      if (method !== "POST" || path === "/directory" || refused++ % 3 === 2) return null;
      return problem(400, "badNonce", "not that one");
    };
    expect((await run(it)).chain).toContain("BEGIN CERTIFICATE");
  });

  test("a slow authority: what it asks for by Retry-After is waited for", async () => {
    const it = attempt();
    let looks = 0;
    it.authority.fault = (path, { payload }) => {
      if (!path.startsWith("/order/") || payload !== null || looks++ > 3) return null;
      const urls = {
        authorizations: ["https://acme.example/authorization/0"],
        finalize: "https://acme.example/finalize/0",
      };
      return json(200, { status: "pending", ...urls }, { "Retry-After": "7" });
    };
    await run(it);
    expect(it.authority.clock.slept.filter((ms) => ms === 7000).length).toBe(4);
  });

  test("what is replaced is said, and no reason to fail", async () => {
    const it = attempt();
    it.authority.window = { start: "2026-01-01T00:00:00Z", end: "2026-01-02T00:00:00Z" };
    await run(it, { ...WISH, replaces: "aa.bb" });
    expect(it.authority.ordered()[0]!.replaces).toBe("aa.bb");
    it.authority.knowsReplaced = false;
    it.journal.entry = null;
    await run(it, { ...WISH, replaces: "aa.cc" });
    expect(it.authority.ordered()[1]!.replaces).toBeUndefined();
  });

  test("an authority without renewal information isn't told what is replaced", async () => {
    const it = attempt();
    await run(it, { ...WISH, replaces: "aa.bb" });
    expect(it.authority.ordered()[0]!.replaces).toBeUndefined();
  });
});

describe("what goes wrong is one line, and nothing is left behind", () => {
  const EMPTY = { status: 200, content: "" };
  const HTML = {
    status: 502,
    content: "<html>bad gateway</html>",
    headers: new Headers({ "Content-Type": "text/html" }),
  };

  test.each<[string, (path: string) => object | "down" | null, AcmeError["kind"], RegExp]>([
    [
      "an empty directory",
      (path) => (path === "/directory" ? EMPTY : null),
      "garbled",
      /the directory is no JSON object, it is empty/,
    ],
    ["a list for a directory", (path) => (path === "/directory" ? json(200, []) : null), "garbled", /no JSON object/],
    [
      "a directory in the open",
      (path) => (path === "/directory" ? json(200, { newNonce: "http://acme.example/nonce" }) : null),
      "garbled",
      /"newNonce" of the directory is no https address/,
    ],
    [
      "a directory without orders",
      (path) => (path === "/directory" ? json(200, { newNonce: "https://a/", newAccount: "https://a/" }) : null),
      "garbled",
      /the directory has no "newOrder"/,
    ],
    [
      "a directory that leads elsewhere",
      (path) => (path === "/directory" ? { status: 301, headers: new Headers({ Location: "https://b/" }) } : null),
      "garbled",
      /acme\.example answers 301 and leads to https:\/\/b\//,
    ],
    ["it is down", () => "down", "unreachable", /can't be reached/],
    ["a gateway of its", (path) => (path === "/new-order" ? HTML : null), "unreachable", /acme\.example answers 502$/],
    [
      "an order without an address",
      (path) => (path === "/new-order" ? json(201, { status: "pending" }) : null),
      "garbled",
      /the order's address is no https address/,
    ],
    [
      "an order of nothing",
      (path) => (path.startsWith("/order/") ? json(200, {}) : null),
      "garbled",
      /an order has no "status"/,
    ],
    [
      "an authorization for nobody",
      (path) => (path.startsWith("/authorization/") ? json(200, { status: "pending" }) : null),
      "garbled",
      /an authorization has no "value"/,
    ],
    [
      "a token that is a path",
      (path) =>
        path.startsWith("/authorization/")
          ? json(200, {
              status: "pending",
              identifier: { type: "dns", value: "a.example" },
              challenges: [{ type: "http-01", token: "../../etc/passwd", url: "https://acme.example/challenge/0" }],
            })
          : null,
      "garbled",
      /a token that isn't one/,
    ],
    [
      "garbage for a certificate",
      (path) => (path.startsWith("/certificate/") ? { status: 200, content: "hello" } : null),
      "garbled",
      /the certificate that came holds no certificate in PEM/,
    ],
    [
      "a limit",
      (path) => (path === "/new-order" ? problem(429, "rateLimited", "too many\u001b[31m\n certificates") : null),
      "refused",
      /answers 429, rateLimited: too many \[31m certificates$/,
    ],
  ])("%s", async (_what, fault, kind, line) => {
    const it = attempt();
    it.authority.fault = fault as FakeAuthority["fault"];
    const error = await errorOf(run(it));
    expect([error.kind, error.message]).toEqual([kind, expect.stringMatching(line)]);
    expect(it.prover.shown.size).toBe(0);
  });

  test("a limit says when to come back", async () => {
    const it = attempt();
    it.authority.fault = (path) =>
      path === "/new-order" ? problem(429, "rateLimited", "too many", { "Retry-After": "3600" }) : null;
    const error = await errorOf(run(it));
    expect([error.type, error.retryAtMs]).toEqual(["rateLimited", it.authority.clock.nowMs + 3_600_000]);
  });

  test.each<[string, (authority: FakeAuthority) => void, RegExp]>([
    ["other names", (authority) => (authority.issuedNames = ["a.example", "c.example"]), /is not for b\.example/],
    ["another key", (authority) => (authority.ownKey = true), /does not belong to the certificate/],
    ["another time", (authority) => (authority.lifetimeMs = 60_000), /has expired, or this machine's clock is wrong/],
  ])("a certificate for %s isn't taken", async (_what, prepare, line) => {
    const it = attempt();
    prepare(it.authority);
    const error = await errorOf(run(it));
    expect([error.kind, error.message]).toEqual(["garbled", expect.stringMatching(line)]);
  });

  test("names that can't be proven are named, and what was pending is given up", async () => {
    const it = attempt();
    it.authority.unreachable.add("b.example");
    const error = await errorOf(run(it));
    expect([error.kind, error.names]).toEqual(["unproven", ["b.example"]]);
    expect(error.message).toBe("b.example: connection: can't connect to b.example");
    const given = it.authority.asked.filter(({ payload }) => payload?.status === "deactivated");
    expect(given.length).toBe(2);
  });

  test("a validation without end is left, to be gone on with", async () => {
    const it = attempt();
    it.authority.fault = (path) => {
      if (!path.startsWith("/order/")) return null;
      const urls = {
        authorizations: ["https://acme.example/authorization/0"],
        finalize: "https://acme.example/finalize/0",
      };
      return json(200, { status: "pending", ...urls });
    };
    const startMs = it.authority.clock.nowMs;
    const error = await errorOf(run(it));
    expect([error.kind, error.message]).toEqual(["unreachable", "the order takes too long"]);
    expect(it.authority.clock.nowMs - startMs).toBeLessThan(6 * 60_000);
    expect(it.journal.entry?.order).toBe("https://acme.example/order/0");
    it.authority.fault = () => null;
    await run(it);
    expect(it.authority.ordered().length).toBe(1);
  });

  test("what can't be written down isn't ordered", async () => {
    const it = attempt();
    it.journal.write = () => Promise.reject(new AcmeError("local", "no space left"));
    expect((await errorOf(run(it))).message).toBe("no space left");
    expect(it.authority.ordered()).toEqual([]);
  });

  test("a profile that isn't there: which ones are", async () => {
    const it = attempt();
    it.authority.profiles = { classic: "", shortlived: "" };
    const error = await errorOf(run(it, { ...WISH, profile: "tlsserver" }));
    expect(error.message).toBe('profile "tlsserver" can\'t be had: the authority knows classic, shortlived');
    await run(it, { ...WISH, profile: "shortlived" });
    expect(it.authority.asked.find(({ path }) => path === "/new-order")!.payload!.profile).toBe("shortlived");
  });

  test("an authority that refuses every nonce isn't asked for ever", async () => {
    const it = attempt();
    it.authority.fault = (_path, { method }) => (method === "POST" ? problem(400, "badNonce", "no") : null);
    expect((await errorOf(run(it))).type).toBe("badNonce");
    expect(it.authority.asked.length).toBeLessThan(20);
  });
});

describe("renewal information", () => {
  test("a window, and when to ask again", async () => {
    const { authority } = attempt();
    authority.window = { start: "2026-01-01T00:00:00Z", end: "2026-01-02T00:00:00Z" };
    expect(await fetchRenewalInfo(sessionWith(authority), "aa.bb")).toEqual({
      certificate: "aa.bb",
      startMs: Date.UTC(2026, 0, 1),
      endMs: Date.UTC(2026, 0, 2),
      explanation: "",
      askAgainMs: authority.clock.nowMs + 21_600_000,
    });
    expect(authority.paths().at(-1)).toBe("/renewal-info/aa.bb");
  });

  test("a window that ends before it begins is none", async () => {
    const { authority } = attempt();
    authority.window = { start: "2026-01-02T00:00:00Z", end: "2026-01-01T00:00:00Z" };
    expect((await errorOf(fetchRenewalInfo(sessionWith(authority), "aa.bb"))).kind).toBe("garbled");
  });

  test("an authority without it", async () => {
    const { authority } = attempt();
    expect(await fetchRenewalInfo(sessionWith(authority), "aa.bb")).toBeNull();
  });
});
