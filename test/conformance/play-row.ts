/**
 * Plays one row against a server and says whether it passed.
 *
 * In:    a row and the server under test.
 * Out:   an `Outcome`; `reason` is null when it passed.
 * Keeps: one connection a row, always closed at the end. No row outlasts a few times `deadlineMs`. A row that passes
 *        waits for nothing but the server; silence is waited for only where a row asks for it.
 */
import { Wire } from "./exchange.ts";
import { findDifference } from "./judge.ts";
import { expandPlaceholders, MissingValidator, toVisible } from "./octet-text.ts";
import { describeExpectation } from "./report.ts";
import { fieldValue, type Parsed, parseResponses } from "./response-parser.ts";
import {
  type Aftermath,
  type Expectation,
  PROBE,
  PROBE_CONTENT,
  type ResponseExpectation,
  type Row,
  type RowTitle,
  type Step,
} from "./row.ts";
import type { ServerUnderTest } from "./server-under-test.ts";

export type Verdict = "passed" | "failed" | "inapplicable";

export interface Outcome {
  readonly row: RowTitle;
  readonly verdict: Verdict;
  /** What differs, or why the row is not applicable. */
  readonly reason: string | null;
  /** What was sent, expected and received, readable. */
  readonly sent: string;
  readonly expected: string;
  readonly got: string;
}

export interface PlayOptions {
  readonly deadlineMs: number;
}

/** Long enough for a server on this machine to read the one segment before the next is there. */
const SEGMENT_PAUSE_MS = 3;

/** How long a server that waits for more of a message is watched. */
const QUIET_MS = 200;

export async function playRow(row: Row, server: ServerUnderTest, options: PlayOptions): Promise<Outcome> {
  const expected = describeExpectation(row.expect);
  const inapplicable = (reason: string): Outcome => ({
    row,
    verdict: "inapplicable",
    reason,
    sent: "",
    expected,
    got: "",
  });
  if (row.needs && !(await server.has(row.needs))) return inapplicable(`the server has no ${row.needs}`);
  let steps: Step[];
  let alternatives: Expectation[];
  try {
    steps = await expandSteps(row, server);
    alternatives = await expandExpectations(row, server);
  } catch (problem) {
    if (problem instanceof MissingValidator) return inapplicable(problem.message);
    throw problem;
  }
  const wire = await Wire.connect(server.address);
  try {
    const player = new Player(row, wire, alternatives, options.deadlineMs);
    const reason = await player.play(steps, await expandPlaceholders(PROBE, server));
    const sent = steps.map((step) => (typeof step === "string" ? toVisible(step) : JSON.stringify(step))).join(" | ");
    const got = `${toVisible(wire.received)} (${wire.ending})`;
    return { row, verdict: reason === null ? "passed" : "failed", reason, sent, expected, got };
  } finally {
    wire.close();
  }
}

class Player {
  private readonly heads: readonly number[];

  constructor(
    row: Row,
    private readonly wire: Wire,
    private readonly alternatives: readonly Expectation[],
    private readonly deadlineMs: number,
  ) {
    const first = typeof row.send === "string" ? row.send : row.send[0];
    this.heads = row.head ?? (typeof first === "string" && first.startsWith("HEAD ") ? [0] : []);
  }

  /** Null when the row passed, otherwise what went wrong. */
  async play(steps: readonly Step[], probe: string): Promise<string | null> {
    for (const [index, step] of steps.entries()) {
      if (typeof step === "string") {
        this.wire.send(step);
        if (typeof steps[index + 1] === "string") await Bun.sleep(SEGMENT_PAUSE_MS);
      } else if ("halfClose" in step) this.wire.halfClose();
      else if ("awaitSilenceMs" in step) {
        const octets = this.wire.received.length;
        await this.wire.until(() => this.wire.received.length > octets, step.awaitSilenceMs);
        if (this.wire.received.length > octets) return "octets arrived where none may";
      } else if ("awaitResponses" in step) {
        await this.wire.until(() => this.parse().responses.length >= step.awaitResponses, this.deadlineMs);
      } else {
        await this.wire.until(() => {
          const parsed = this.parse();
          return parsed.pendingInterim.length + parsed.responses.length > 0;
        }, this.deadlineMs);
        // A final response without an interim one before it: the content isn't wanted.
        if (this.parse().responses[0]?.interim.length === 0) break;
      }
    }
    return this.settle(probe);
  }

  private parse(): Parsed {
    return parseResponses(this.wire.received, this.wire.ending !== "open", (index) => this.heads.includes(index));
  }

  private async settle(probe: string): Promise<string | null> {
    const most = Math.max(...this.alternatives.map((one) => one.responses.length));
    await this.wire.until(() => {
      const parsed = this.parse();
      return parsed.breach !== null || parsed.responses.length >= most || this.differenceOfAll(parsed) !== null;
    }, this.deadlineMs);
    const parsed = this.parse();
    if (parsed.breach !== null) return parsed.breach;
    const difference = this.differenceOfAll(parsed);
    if (difference !== null) return difference;
    const count = parsed.responses.length;
    const matching = this.alternatives.filter(
      (one) => one.responses.length === count && findDifference(one, parsed.responses) === null,
    );
    if (matching.length === 0) return this.tooFew(count, parsed);
    const allowed = new Set(matching.map((one) => one.then));
    if (allowed.has("waiting")) return this.expectQuiet(count);
    const announcesClose = /\bclose\b/i.test(
      (parsed.responses.at(-1) && fieldValue(parsed.responses.at(-1)!, "Connection")) ?? "",
    );
    const mayPersist = allowed.has("open") || allowed.has("either");
    return mayPersist && !announcesClose ? this.probe(probe, count, allowed) : this.awaitClose(count, allowed);
  }

  private differenceOfAll(parsed: Parsed): string | null {
    let first: string | null = null;
    for (const alternative of this.alternatives) {
      const difference = findDifference(alternative, parsed.responses);
      if (difference === null) return null;
      first ??= difference;
    }
    return first;
  }

  private tooFew(count: number, parsed: Parsed): string {
    const interim = parsed.pendingInterim.length > 0 ? ` but interim [${parsed.pendingInterim}]` : "";
    const part = parsed.rest.length > 0 ? ` and ${parsed.rest.length} octets of a further one` : "";
    const ending =
      this.wire.ending === "open" ? `within ${this.deadlineMs} ms` : `before the connection was ${this.wire.ending}`;
    return `${count === 0 ? "no" : `only ${count}`} response${interim}${part} ${ending}`;
  }

  private async expectQuiet(count: number): Promise<string | null> {
    const octets = this.wire.received.length;
    await this.wire.until(() => this.wire.received.length > octets, QUIET_MS);
    return this.wire.received.length > octets ? `octets after ${count} responses, where none may come` : null;
  }

  private async awaitClose(count: number, allowed: ReadonlySet<Aftermath>): Promise<string | null> {
    await this.wire.until(() => false, this.deadlineMs);
    const parsed = this.parse();
    if (parsed.breach !== null) return parsed.breach;
    if (parsed.responses.length > count) return `a further response with status ${parsed.responses[count]!.status}`;
    if (this.wire.ending === "open") return "the connection was not closed";
    return allowed.has("closed") || allowed.has("either") ? null : "the connection was closed";
  }

  private async probe(probe: string, count: number, allowed: ReadonlySet<Aftermath>): Promise<string | null> {
    this.wire.send(probe);
    await this.wire.until(() => {
      const parsed = this.parse();
      return parsed.breach !== null || parsed.responses.length > count;
    }, this.deadlineMs);
    const parsed = this.parse();
    if (parsed.breach !== null) return `after the responses: ${parsed.breach}`;
    const further = parsed.responses[count];
    if (!further) {
      if (this.wire.ending === "open") return "a further request on the connection was not answered";
      return allowed.has("closed") || allowed.has("either") ? null : "the connection was closed";
    }
    if (further.status !== 200 || Buffer.from(further.body).toString("latin1") !== PROBE_CONTENT) {
      return `a further request got something else: status ${further.status}, ${further.body.length} octets of content`;
    }
    return allowed.has("open") || allowed.has("either") ? null : "the connection was not closed";
  }
}

async function expandSteps(row: Row, server: ServerUnderTest): Promise<Step[]> {
  const steps = typeof row.send === "string" ? [row.send] : row.send;
  return Promise.all(
    steps.map((step) => (typeof step === "string" ? expandPlaceholders(step, server) : Promise.resolve(step))),
  );
}

async function expandExpectations(row: Row, server: ServerUnderTest): Promise<Expectation[]> {
  const alternatives = Array.isArray(row.expect) ? (row.expect as readonly Expectation[]) : [row.expect as Expectation];
  return Promise.all(
    alternatives.map(async (one) => ({
      then: one.then,
      responses: await Promise.all(one.responses.map((response) => expandResponse(response, server))),
    })),
  );
}

async function expandResponse(expected: ResponseExpectation, server: ServerUnderTest): Promise<ResponseExpectation> {
  if (!expected.fields) return expected;
  const fields = Object.entries(expected.fields).map(async ([name, wanted]) => {
    return [name, typeof wanted === "string" ? await expandPlaceholders(wanted, server) : wanted] as const;
  });
  return { ...expected, fields: Object.fromEntries(await Promise.all(fields)) };
}
