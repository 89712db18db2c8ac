/**
 * Which clients pass a guard (`[[basic_auth]]`): checks names and passwords against their hashes.
 *
 *     verdict   what is known of these credentials, without any work: granted, refused, or unknown
 *     verify    finds it out off the event loop, and remembers it for a while
 *
 * In:    a rule, the value of Authorization.
 * Units: milliseconds of the monotonic clock.
 * Keeps: a password hash takes a tenth of a second by design, so a verdict is remembered, under a keyed digest and never under
 *        the credentials themselves: requests in a row cost one SHA-256, and requests at a time share one check. An unknown user
 *        costs what a known one costs. A check needs one of the places for work; guesses can't take more than
 *        `verificationsMax` of them at a time, beyond that the answer is 503. Nothing here is ever logged.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { type Credentials, parseBasicCredentials } from "../http/basic-credentials.ts";
import type { Places } from "./places.ts";
import type { AuthRule, Secret } from "./rules/guard.ts";
import { SharedWork } from "./shared-work.ts";

export enum Verdict {
  Unknown,
  Granted,
  Refused,
}

/** How long a verdict is remembered: a password that is changed takes effect by a reload, which forgets everything. */
const GRANTED_MS = 60_000;
const REFUSED_MS = 10_000;

/** Verdicts of each kind that are remembered; guesses must not evict the credentials that were accepted. */
const VERDICTS_MAX = 1024;

export class Gatekeeper {
  private readonly granted = new Map<string, number>();
  private readonly refused = new Map<string, number>();
  private readonly numbers = new Map<AuthRule, number>();
  private readonly salt = randomBytes(32);
  /** By digest. */
  private readonly checks: SharedWork<Verdict>;
  private running = 0;

  constructor(
    private readonly verificationsMax: number,
    places: Places,
  ) {
    this.checks = new SharedWork(places, true);
  }

  /** The verdict, if it is known; malformed credentials are refused. */
  verdict(rule: AuthRule, authorization: string): Verdict {
    const known = this.known(this.digest(rule, authorization));
    return known === Verdict.Unknown && parseBasicCredentials(authorization) === null ? Verdict.Refused : known;
  }

  /**
   * Calls `tell` with the verdict, once: at once where it is known. Unknown when too many checks are running. False, and no call,
   * when there is no place for another one.
   */
  verify(rule: AuthRule, authorization: string, tell: (verdict: Verdict) => void): boolean {
    const credentials = parseBasicCredentials(authorization);
    if (credentials === null) return told(tell, Verdict.Refused);
    const digest = this.digest(rule, authorization);
    const known = this.known(digest);
    if (known !== Verdict.Unknown) return told(tell, known);
    return this.checks.ask(digest, this.checkOf(rule, credentials, digest), tell);
  }

  private checkOf(rule: AuthRule, credentials: Credentials, digest: string) {
    return (done: (verdict: Verdict) => void): void => {
      if (this.running >= this.verificationsMax) return done(Verdict.Unknown);
      this.running++;
      void isRight(rule, credentials).then((isGranted) => {
        this.running--;
        this.remember(digest, isGranted);
        done(isGranted ? Verdict.Granted : Verdict.Refused);
      });
    };
  }

  private known(digest: string): Verdict {
    const nowMs = performance.now();
    if ((this.granted.get(digest) ?? 0) > nowMs) return Verdict.Granted;
    return (this.refused.get(digest) ?? 0) > nowMs ? Verdict.Refused : Verdict.Unknown;
  }

  private remember(digest: string, isGranted: boolean): void {
    const verdicts = isGranted ? this.granted : this.refused;
    verdicts.delete(digest);
    if (verdicts.size === VERDICTS_MAX) verdicts.delete(verdicts.keys().next().value!);
    verdicts.set(digest, performance.now() + (isGranted ? GRANTED_MS : REFUSED_MS));
  }

  /** Identifies rule and credentials; reveals nothing about them without this process's salt. */
  private digest(rule: AuthRule, authorization: string): string {
    let number = this.numbers.get(rule);
    if (number === undefined) this.numbers.set(rule, (number = this.numbers.size));
    return new Bun.CryptoHasher("sha256").update(this.salt).update(`${number} ${authorization}`).digest("base64");
  }
}

function told(tell: (verdict: Verdict) => void, verdict: Verdict): true {
  tell(verdict);
  return true;
}

/** Never rejects. Takes as long for an unknown user as for a known one. */
async function isRight(rule: AuthRule, { user, password }: Credentials): Promise<boolean> {
  const secret = rule.users.get(user);
  const [decoy] = rule.users.values();
  const compared = secret ?? decoy;
  if (compared === undefined) return false;
  const isSame = await matches(compared, password);
  return isSame && secret !== undefined;
}

async function matches(secret: Secret, password: string): Promise<boolean> {
  if ("sha256" in secret) {
    const digest = new Bun.CryptoHasher("sha256").update(password).digest();
    return secret.sha256.length === digest.length && timingSafeEqual(digest, secret.sha256);
  }
  try {
    return await Bun.password.verify(password, secret.hash);
  } catch {
    return false; // a hash that the settings accepted but the library can't read admits no user
  }
}
