/**
 * Authorizations: proving to the authority that a name is ours (RFC 8555 §7.1.4, §7.5).
 *
 * In:    a session, the authorizations of an order, the prover of the kind of challenge that is configured.
 * Out:   all of them valid.
 * Keeps: all proofs are shown before the first validation is asked for, and taken away at the end, however that comes. After a
 *        failure, what is still pending is given up (§7.5.2): authorities count pending authorizations.
 * Fails: AcmeError of kind `unproven` with the names that couldn't be proven, each with the authority's reason.
 */
import { AcmeError } from "./acme-error.ts";
import { isToken, type Proof, type Prover } from "./proof.ts";
import { poll } from "./polling.ts";
import { clean, readProblem } from "./problem.ts";
import { garbled, type Members, objectsIn, parseResource, textIn, urlIn } from "./resource.ts";
import type { AcmeSession } from "./session.ts";
import type { AcmeResponse } from "./transport.ts";

interface Authorization {
  readonly url: string;
  /** Without `*.`. */
  readonly name: string;
  readonly status: string;
  readonly challenges: readonly Members[];
}

/** One that has to be proven. */
interface Task {
  readonly authorization: Authorization;
  readonly proof: Proof;
  readonly challengeUrl: string;
}

/** Why a name couldn't be proven. */
interface Failure {
  readonly name: string;
  readonly line: string;
}

export async function proveAll(session: AcmeSession, urls: readonly string[], prover: Prover): Promise<void> {
  const tasks: Task[] = [];
  for (const url of urls) {
    const authorization = readAuthorization(url, await session.post(url, null));
    if (authorization.status === "valid") continue; // of an earlier order
    tasks.push(taskOf(session, authorization, prover));
  }
  const shown: Proof[] = [];
  try {
    for (const { proof } of tasks) {
      shown.push(proof);
      await prover.present(proof);
    }
    const failures = await validate(session, tasks);
    if (failures.length > 0) throw unproven(failures);
  } catch (error) {
    await giveUp(session, tasks);
    throw error;
  } finally {
    for (const proof of shown) await prover.withdraw(proof);
  }
}

function readAuthorization(url: string, response: AcmeResponse): Authorization {
  const what = "an authorization";
  const members = parseResource(what, response);
  const name = textIn(what, (members.identifier ?? {}) as Members, "value");
  return {
    url,
    name: clean(name),
    status: textIn(what, members, "status"),
    challenges: objectsIn(members, "challenges"),
  };
}

function taskOf(session: AcmeSession, authorization: Authorization, { type }: Prover): Task {
  const { name, status, challenges } = authorization;
  if (status !== "pending")
    throw unproven([{ name, line: failureOf(challenges) ?? `its authorization is ${clean(status)}` }]);
  const challenge = challenges.find((candidate) => candidate.type === type);
  if (challenge === undefined) {
    const offered = challenges.map((candidate) => clean(String(candidate.type))).join(", ") || "nothing";
    throw new AcmeError("refused", `${name} can't be proven by ${type}: the authority offers ${offered}`, {
      names: [name],
    });
  }
  const token = textIn("a challenge", challenge, "token");
  if (!isToken(token)) throw garbled("a challenge has a token that isn't one");
  const proof = { name, token, keyAuthorization: `${token}.${session.key.thumbprint}` };
  return { authorization, proof, challengeUrl: urlIn("a challenge", challenge, "url") };
}

async function validate(session: AcmeSession, tasks: readonly Task[]): Promise<Failure[]> {
  for (const { challengeUrl } of tasks) await session.post(challengeUrl, {});
  const failures: Failure[] = [];
  for (const { authorization } of tasks) {
    const { url, name } = authorization;
    const { status, challenges } = await poll(session, `the validation of ${name}`, url, (response) => {
      const now = readAuthorization(url, response);
      return now.status === "pending" ? null : now;
    });
    if (status !== "valid")
      failures.push({ name, line: failureOf(challenges) ?? `its authorization is ${clean(status)}` });
  }
  return failures;
}

/** What the authority says of the challenge that failed (§8). */
function failureOf(challenges: readonly Members[]): string | null {
  const failed = challenges.find(({ error }) => error !== undefined && error !== null);
  return failed === undefined ? null : readProblem(failed.error).line;
}

function unproven(failures: readonly Failure[]): AcmeError {
  const names = failures.map(({ name }) => name);
  return new AcmeError("unproven", failures.map(({ name, line }) => `${name}: ${line}`).join("; "), { names });
}

async function giveUp(session: AcmeSession, tasks: readonly Task[]): Promise<void> {
  for (const { authorization } of tasks) {
    try {
      await session.post(authorization.url, { status: "deactivated" });
    } catch {
      // It is over already, or expires by itself; what failed before is what counts.
    }
  }
}
