/** Who is let in, what is remembered, and how much guessing costs us. */
import { describe, expect, spyOn, test } from "bun:test";
import { Gatekeeper, Verdict } from "../../src/site/gatekeeper.ts";
import { Places } from "../../src/site/places.ts";
import { becauseOf } from "../../src/site/rules/because.ts";
import { type AuthRule, compileAuth } from "../../src/site/rules/guard.ts";

const hash = (password: string) => Bun.password.hashSync(password, { algorithm: "bcrypt", cost: 4 });
const HASH = { ann: hash("right"), bob: hash("also right") };

const ruleFor = (...users: string[]): AuthRule =>
  compileAuth({ path: "/*", realm: "r", users }, becauseOf("basic_auth", 0));
const rule = ruleFor(`ann:${HASH.ann}`, `bob:${HASH.bob}`);
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
const NO_REPORT = { admitted() {}, rejected() {}, occupied() {}, loaded() {} };
const keeperOf = (verificationsMax: number, places = new Places(8, 100, NO_REPORT)) =>
  new Gatekeeper(verificationsMax, places);
const verify = (keeper: Gatekeeper, by: AuthRule, authorization: string) =>
  new Promise<Verdict>((resolve, reject) => {
    if (!keeper.verify(by, authorization, resolve)) reject(new Error("there is no place"));
  });

describe("verify", () => {
  test.each([
    [basic("ann", "right"), Verdict.Granted],
    [basic("bob", "also right"), Verdict.Granted],
    [basic("ann", "also right"), Verdict.Refused],
    [basic("ann", ""), Verdict.Refused],
    [basic("eve", "right"), Verdict.Refused],
    [basic("", ""), Verdict.Refused],
    [basic("constructor", "right"), Verdict.Refused],
    [basic("ann", HASH.ann), Verdict.Refused],
    ["Bearer x", Verdict.Refused],
    ["", Verdict.Refused],
  ])("%s", async (authorization, verdict) => {
    const keeper = keeperOf(4);
    expect(await verify(keeper, rule, authorization)).toBe(verdict);
    expect(keeper.verdict(rule, authorization)).toBe(verdict);
  });

  test("no one where there is no user, or only a hash that can't be read", async () => {
    const keeper = keeperOf(4);
    expect(await verify(keeper, ruleFor(), basic("ann", "right"))).toBe(Verdict.Refused);
    expect(await verify(keeper, ruleFor("ann:$argon2id$rubbish"), basic("ann", "right"))).toBe(Verdict.Refused);
  });
});

test("nothing is known before it is verified, and then by that rule only", async () => {
  const keeper = keeperOf(4);
  const other = ruleFor(`ann:${hash("another")}`);
  expect(keeper.verdict(rule, basic("ann", "right"))).toBe(Verdict.Unknown);
  await verify(keeper, rule, basic("ann", "right"));
  expect(keeper.verdict(rule, basic("ann", "right"))).toBe(Verdict.Granted);
  expect(keeper.verdict(other, basic("ann", "right"))).toBe(Verdict.Unknown);
  expect(await verify(keeper, other, basic("ann", "right"))).toBe(Verdict.Refused);
});

test("an unknown user costs one verification, as a known one does", async () => {
  const keeper = keeperOf(4);
  const verifying = spyOn(Bun.password, "verify");
  try {
    for (const [user, count] of [
      ["ann", 1],
      ["eve", 2],
      ["", 3],
    ] as const) {
      await verify(keeper, rule, basic(user, "wrong"));
      expect(verifying).toHaveBeenCalledTimes(count);
      expect([HASH.ann, HASH.bob]).toContain(verifying.mock.lastCall![1] as string);
    }
    // What is no credentials at all costs nothing.
    await verify(keeper, rule, "Basic !");
    expect(verifying).toHaveBeenCalledTimes(3);
  } finally {
    verifying.mockRestore();
  }
});

test("the same credentials are verified once, however many ask", async () => {
  const keeper = keeperOf(1);
  const verifying = spyOn(Bun.password, "verify");
  try {
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => verify(keeper, rule, basic("ann", "right"))));
    expect(new Set(verdicts)).toEqual(new Set([Verdict.Granted]));
    await verify(keeper, rule, basic("ann", "right"));
    expect(verifying).toHaveBeenCalledTimes(1);
  } finally {
    verifying.mockRestore();
  }
});

test("guesses beyond the limit are not looked at", async () => {
  const keeper = keeperOf(2);
  const guesses = Array.from({ length: 5 }, (_, index) => verify(keeper, rule, basic("ann", `guess ${index}`)));
  const verdicts = await Promise.all(guesses);
  expect(verdicts.filter((verdict) => verdict === Verdict.Refused)).toHaveLength(2);
  expect(verdicts.filter((verdict) => verdict === Verdict.Unknown)).toHaveLength(3);
  // And once they are done, the next one is.
  expect(await verify(keeper, rule, basic("ann", "right"))).toBe(Verdict.Granted);
});

test("a verdict is forgotten after a while, a refusal sooner", async () => {
  const keeper = keeperOf(4);
  await verify(keeper, rule, basic("ann", "right"));
  await verify(keeper, rule, basic("ann", "wrong"));
  const now = performance.now();
  const clock = spyOn(performance, "now");
  try {
    clock.mockImplementation(() => now + 11_000);
    expect(keeper.verdict(rule, basic("ann", "wrong"))).toBe(Verdict.Unknown);
    expect(keeper.verdict(rule, basic("ann", "right"))).toBe(Verdict.Granted);
    clock.mockImplementation(() => now + 61_000);
    expect(keeper.verdict(rule, basic("ann", "right"))).toBe(Verdict.Unknown);
  } finally {
    clock.mockRestore();
  }
});

test("what is remembered holds no password, and guesses push out no accepted client", async () => {
  const keeper = keeperOf(4);
  const plain: AuthRule = {
    ...rule,
    users: new Map([["ann", { sha256: new Bun.CryptoHasher("sha256").update("right").digest() }]]),
  };
  await verify(keeper, plain, basic("ann", "right"));
  for (let guess = 0; guess < 3000; guess++) await verify(keeper, plain, basic("ann", `guess ${guess}`));
  expect(keeper.verdict(plain, basic("ann", "right"))).toBe(Verdict.Granted);
  const remembered =
    Bun.inspect(keeper, { depth: 10 }) + JSON.stringify([...(keeper as any).refused, ...(keeper as any).granted]);
  expect((keeper as any).refused.size).toBe(1024);
  for (const text of ["right", "guess", basic("ann", "right").slice(6)]) expect(remembered).not.toContain(text);
});

test("a check that finds no place isn't made; what is known, or no password at all, needs none", async () => {
  const places = new Places(1, 0, NO_REPORT);
  const keeper = keeperOf(1, places);
  await verify(keeper, rule, basic("ann", "right"));
  places.take({ start() {} });
  await expect(verify(keeper, rule, basic("bob", "also right"))).rejects.toThrow("no place");
  expect(await verify(keeper, rule, basic("ann", "right"))).toBe(Verdict.Granted);
  expect(await verify(keeper, rule, "Basic !")).toBe(Verdict.Refused);
});
