/** What is due, and when to look again. */
import { describe, expect, test } from "bun:test";
import { type CertificateState, NEW_STATE } from "../../../src/tls/acme/certificate-state.ts";
import { LOOK_MS_MAX, nextStep, type Situation } from "../../../src/tls/acme/next-step.ts";
import type { KeptCertificate } from "../../../src/tls/acme/storage.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.UTC(2026, 5, 1);
const DIRECTORY = "https://acme.example/directory";

const CERTIFICATE: KeptCertificate = {
  names: ["a.example"],
  issuer: "Fake",
  notBeforeMs: NOW_MS - DAY_MS,
  notAfterMs: NOW_MS + 89 * DAY_MS,
  fingerprint: "00000000ff",
  identity: "aa.bb",
  text: "",
};

const asked: Partial<CertificateState> = {
  directory: DIRECTORY,
  askedAbout: "aa.bb",
  askAgainMs: NOW_MS + 20 * HOUR_MS,
};

const stepOf = (
  certificate: Partial<KeptCertificate> | null,
  state: Partial<CertificateState> = asked,
  names = ["a.example"],
) => {
  const situation: Situation = {
    names,
    directory: DIRECTORY,
    certificate: certificate === null ? null : { ...CERTIFICATE, ...certificate },
    state: { ...NEW_STATE, ...state },
  };
  return nextStep(situation, NOW_MS);
};

const order = (because: string) => ({ step: "order", because }) as never;

describe("what is ordered", () => {
  test("where there is none", () => expect(stepOf(null, {})).toEqual(order("there is none")));
  test("one with more names", () =>
    expect(stepOf({}, asked, ["a.example", "b.example"])).toEqual(order("it lacks names")));
  test("one of the directory that is meant", () => {
    expect(stepOf({}, { ...asked, directory: "https://staging.example/" })).toEqual(
      order("it is from another authority"),
    );
  });
  test("one instead of another that is to go", () => {
    expect(stepOf({}, { ...asked, replace: "00000000ff" })).toEqual(order("it is to be replaced"));
    expect(stepOf({}, { ...asked, replace: "an older one" })).toMatchObject({ step: "wait" });
  });
  test("one instead of another that ends soon, or has ended", () => {
    for (const days of [25, 0, -40]) {
      const dates = { notBeforeMs: NOW_MS - (90 - days) * DAY_MS, notAfterMs: NOW_MS + days * DAY_MS };
      expect(stepOf(dates)).toEqual(order("most of its time is over"));
    }
  });
  test("one instead of another that the authority takes back", () => {
    const renewal = { certificate: "aa.bb", startMs: NOW_MS - 2, endMs: NOW_MS - 1, explanation: "", askAgainMs: 0 };
    expect(stepOf({}, { ...asked, renewal })).toEqual(order("the authority wants it to be renewed"));
  });
});

describe("what isn't", () => {
  test("one that has more names than are wanted, or isn't valid yet", () => {
    expect(stepOf({ names: ["a.example", "b.example"] })).toMatchObject({ step: "wait" });
    expect(stepOf({ notBeforeMs: NOW_MS + DAY_MS })).toMatchObject({ step: "wait" });
  });
  test("one of an unknown directory: the state was lost", () => {
    expect(stepOf({}, { ...asked, directory: null })).toMatchObject({ step: "wait" });
  });
  test("one that has failed just now", () => {
    const untilMs = NOW_MS + HOUR_MS / 2;
    expect(stepOf(null, { nextAttemptMs: untilMs })).toEqual({ step: "wait", untilMs });
  });
  test("a window that is about the certificate before", () => {
    const renewal = { certificate: "aa.aa", startMs: NOW_MS - 2, endMs: NOW_MS - 1, explanation: "", askAgainMs: 0 };
    expect(stepOf({}, { ...asked, renewal })).toMatchObject({ step: "wait" });
  });
});

describe("when to look again", () => {
  test("in an hour at the latest", () => {
    expect(stepOf({})).toEqual({ step: "wait", untilMs: NOW_MS + LOOK_MS_MAX });
  });
  test("when the authority is to be asked, before", () => {
    const askAgainMs = NOW_MS + 5000;
    expect(stepOf({}, { ...asked, askAgainMs })).toEqual({ step: "wait", untilMs: askAgainMs });
    expect(stepOf({}, { ...asked, askAgainMs: NOW_MS })).toEqual({ step: "ask" });
    expect(stepOf({}, { ...asked, askedAbout: "aa.aa" })).toEqual({ step: "ask" });
    expect(stepOf({ identity: null }, {})).toMatchObject({ step: "wait" });
  });
  test("times that a clock has written which was set back don't count", () => {
    expect(stepOf(null, { nextAttemptMs: NOW_MS + 400 * DAY_MS })).toEqual(order("there is none"));
    expect(stepOf({}, { ...asked, askAgainMs: NOW_MS + 400 * DAY_MS })).toEqual({ step: "ask" });
  });
});
