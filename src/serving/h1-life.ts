/**
 * The life of an HTTP/1.1 connection (RFC 9112 §9): what it is reading, what it is writing, which steps lead from there, and
 * how long each may take.
 *
 *     Reading   Preface ─► Silent ─► Head ─► Content ⇄ Paused ─► Held ─► Idle ─► Head … ─► Ended
 *                                              └► Discarding ─────────────┘
 *     Writing   Idle ─► Owed ─► Idle …        Owed ⇄ Stalled, Idle ⇄ Blocked while the client takes its time        ─► Closed
 *
 * The two are coupled: `STEPS` says what a step does to each, `JOINT_STATES` which pairs there are. A step that a table doesn't
 * have is a bug of ours and throws. Pipelined requests that wait behind another have no state: they are octets not read yet.
 *
 * Keeps: a pair is one number, and a step one look into a table; a request answered at once takes one step. Nothing is allocated.
 */

export enum Reading {
  /** Accepted; the header of the PROXY protocol has yet to come. */
  Preface,
  /** Nothing has come yet. */
  Silent,
  /** Between requests. */
  Idle,
  /** Part of a head has come. */
  Head,
  /** The head is whole; its content is arriving. */
  Content,
  /** Content waits until the application takes it. */
  Paused,
  /** The response was whole before the content: the rest is read and dropped. */
  Discarding,
  /** The request is whole, and so is everything before it; it has yet to get its reply. */
  Held,
  /** No further request is read. */
  Ended,
}

export enum Writing {
  /** Everything asked for has been answered, and taken. */
  Idle,
  /** The application owes a reply, or the rest of one. */
  Owed,
  /** The client has yet to take what is there for it. */
  Blocked,
  /** Blocked, with a reply or the rest of one owed. */
  Stalled,
  /** The sending side is closed; what still arrives is discarded (RFC 9112 §9.6). */
  Closed,
}

export enum Step {
  /** The PROXY protocol header has been read. */
  PrefaceRead,
  /** The first octets of a head have come. */
  HeadBegun,
  /** What had come was an empty line (RFC 9112 §2.2): no request has begun. */
  LineWasEmpty,
  /** A head is whole, and content follows. */
  ContentBegun,
  /** A request is whole. */
  Whole,
  /** A whole request got its whole reply at once. */
  Answered,
  /** A request was handed to the application, which owes the reply. */
  Handed,
  /** The application takes no more content for now. */
  Paused,
  /** It does again. */
  Resumed,
  /** The reply that was owed is whole. */
  Replied,
  /** The client takes no more for now. */
  Short,
  /** It has taken everything that was there for it. */
  Taken,
  /** No further request will be read. */
  Stopped,
  /** The sending side has been closed. */
  Closed,
}

/** What the current joint state waits for; each has a deadline of its own (h1-deadline.ts). */
export enum Wait {
  /** For nothing: the connection leaves this state before its event is over. */
  Nothing,
  /** For the first request of the connection. */
  FirstRequest,
  NextRequest,
  /** For the rest of a head. */
  Head,
  /** For content. */
  Content,
  /** For the client to take what was sent. */
  Client,
  /** For the application. */
  Application,
  /** For the client to close, having read everything. */
  Goodbye,
}

interface StepRow {
  readonly reading: Partial<Record<Reading, Reading>>;
  readonly writing: Partial<Record<Writing, Writing>>;
}

const { Preface, Silent, Idle, Head, Content, Paused, Discarding, Held, Ended } = Reading;
const W = Writing;

const ANY_READING = stay(Preface, Silent, Idle, Head, Content, Paused, Discarding, Held, Ended);
const OPEN_WRITING = stay(W.Idle, W.Owed, W.Blocked, W.Stalled);

/** What each step does to the two machines. A state that a step doesn't name can't take it. */
export const STEPS: Readonly<Record<Step, StepRow>> = {
  [Step.PrefaceRead]: { reading: { [Preface]: Silent }, writing: stay(W.Idle) },
  [Step.HeadBegun]: { reading: { [Silent]: Head, [Idle]: Head }, writing: stay(W.Idle) },
  [Step.LineWasEmpty]: { reading: { [Head]: Idle }, writing: stay(W.Idle) },
  [Step.ContentBegun]: { reading: { [Silent]: Content, [Idle]: Content, [Head]: Content }, writing: stay(W.Idle) },
  [Step.Whole]: {
    reading: { [Silent]: Held, [Idle]: Held, [Head]: Held, [Content]: Held, [Discarding]: Idle },
    writing: stay(W.Idle, W.Owed, W.Stalled),
  },
  [Step.Answered]: {
    reading: { [Silent]: Idle, [Idle]: Idle, [Head]: Idle, [Content]: Idle, [Held]: Idle, [Ended]: Ended },
    writing: stay(W.Idle),
  },
  [Step.Handed]: { reading: stay(Content, Held, Ended), writing: { [W.Idle]: W.Owed } },
  [Step.Paused]: { reading: { [Content]: Paused }, writing: stay(W.Owed, W.Stalled) },
  [Step.Resumed]: { reading: { [Paused]: Content }, writing: stay(W.Owed, W.Stalled) },
  [Step.Replied]: {
    reading: { [Content]: Discarding, [Paused]: Discarding, [Held]: Idle, [Ended]: Ended },
    writing: { [W.Owed]: W.Idle, [W.Stalled]: W.Blocked },
  },
  [Step.Short]: {
    reading: stay(Idle, Head, Content, Paused, Discarding, Held, Ended),
    writing: { [W.Idle]: W.Blocked, [W.Owed]: W.Stalled, ...stay(W.Blocked, W.Stalled) },
  },
  [Step.Taken]: {
    reading: stay(Idle, Head, Content, Paused, Discarding, Held, Ended),
    writing: { [W.Blocked]: W.Idle, [W.Stalled]: W.Owed },
  },
  [Step.Stopped]: { reading: all(ANY_READING, Ended), writing: OPEN_WRITING },
  [Step.Closed]: {
    reading: all(ANY_READING, Ended),
    writing: all(stay(W.Idle, W.Owed, W.Blocked, W.Stalled, W.Closed), W.Closed),
  },
};

/** Every pair of states there is: what it waits for, and whether octets that arrive are read now or wait in turn. */
export const JOINT_STATES: readonly (readonly [Reading, Writing, Wait, reads: boolean])[] = [
  [Preface, W.Idle, Wait.FirstRequest, false], // read by the client gate, not as requests
  [Silent, W.Idle, Wait.FirstRequest, true],
  [Idle, W.Idle, Wait.NextRequest, true],
  [Idle, W.Blocked, Wait.Client, false],
  [Head, W.Idle, Wait.Head, true],
  [Head, W.Blocked, Wait.Client, false],
  [Content, W.Idle, Wait.Content, true],
  [Content, W.Owed, Wait.Content, true],
  [Content, W.Blocked, Wait.Client, false],
  [Content, W.Stalled, Wait.Client, true],
  [Paused, W.Owed, Wait.Application, false],
  [Paused, W.Stalled, Wait.Client, false],
  [Discarding, W.Idle, Wait.Content, true],
  [Discarding, W.Blocked, Wait.Client, false],
  [Held, W.Idle, Wait.Nothing, false],
  [Held, W.Owed, Wait.Application, false],
  [Held, W.Blocked, Wait.Client, false],
  [Held, W.Stalled, Wait.Client, false],
  [Ended, W.Idle, Wait.Nothing, false],
  [Ended, W.Owed, Wait.Application, false],
  [Ended, W.Blocked, Wait.Client, false],
  [Ended, W.Stalled, Wait.Client, false],
  [Ended, W.Closed, Wait.Goodbye, false],
];

/** A pair of states as one number: its place in JOINT_STATES. */
const COUNT = JOINT_STATES.length;
const NO_STATE = 0xff;

const SILENT = placeOf(Silent, W.Idle);
const PREFACE = placeOf(Preface, W.Idle);
const CLOSED = placeOf(Ended, W.Closed);

/** The tables, for one load each: the next pair, by step and pair; and what is true of a pair. */
const NEXT = new Uint8Array((Step.Closed + 1) * COUNT).fill(NO_STATE);
const READING = Uint8Array.from(JOINT_STATES, ([reading]) => reading);
const WRITING = Uint8Array.from(JOINT_STATES, ([, writing]) => writing);
const WAIT = Uint8Array.from(JOINT_STATES, ([, , wait]) => wait);
const READS = Uint8Array.from(JOINT_STATES, ([, , , reads]) => Number(reads));

for (const [step, row] of Object.entries(STEPS)) {
  for (const [place, [reading, writing]] of JOINT_STATES.entries()) {
    NEXT[Number(step) * COUNT + place] = placeOf(row.reading[reading], row.writing[writing]);
  }
}

export class H1Life {
  /** The request that is being read or answered is the last one. */
  isLast = false;
  /**
   * Octets that won't be read may still arrive, as from a client that pipelines requests, or that doesn't know yet that this
   * response is the last one: close in a way that lets it read the response first (RFC 9112 §9.6).
   */
  lingers = false;
  private pair = SILENT;

  /** A connection begins; `reading`, `writing`: in another state than connections do, for tests. */
  begin(reading: Reading = Silent, writing: Writing = W.Idle): void {
    this.pair = placeOf(reading, writing);
    this.isLast = false;
    this.lingers = false;
  }

  /** It begins with a header of the PROXY protocol. */
  expectPreface(): void {
    this.pair = PREFACE;
  }

  step(step: Step): void {
    const next = NEXT[step * COUNT + this.pair]!;
    if (next === NO_STATE) this.refuse(step);
    this.pair = next;
  }

  private refuse(step: Step): never {
    throw new Error(`invariant broken: no step ${Step[step]} from ${this.name}`);
  }

  get reading(): Reading {
    return READING[this.pair]!;
  }

  get writing(): Writing {
    return WRITING[this.pair]!;
  }

  /** What the connection waits for. */
  get wait(): Wait {
    return WAIT[this.pair]!;
  }

  /** Whether octets that arrive now are read now. */
  get reads(): boolean {
    return READS[this.pair] === 1;
  }

  get isOpen(): boolean {
    return this.pair !== CLOSED;
  }

  /** The client has yet to take something. */
  get isBlocked(): boolean {
    const { writing } = this;
    return writing === Writing.Blocked || writing === Writing.Stalled;
  }

  get isOwed(): boolean {
    const { writing } = this;
    return writing === Writing.Owed || writing === Writing.Stalled;
  }

  get name(): string {
    return `${Reading[this.reading]}, ${Writing[this.writing]}`;
  }
}

/** Where a pair stands in JOINT_STATES; NO_STATE: there is none. */
function placeOf(reading: Reading | undefined, writing: Writing | undefined): number {
  const place = JOINT_STATES.findIndex((pair) => pair[0] === reading && pair[1] === writing);
  return place < 0 ? NO_STATE : place;
}

function stay<S extends number>(...states: S[]): Record<S, S> {
  return Object.fromEntries(states.map((state) => [state, state])) as Record<S, S>;
}

function all<S extends number>(from: Record<S, S>, to: S): Record<S, S> {
  return Object.fromEntries(Object.keys(from).map((state) => [state, to])) as Record<S, S>;
}
