/**
 * The life of an HTTP/2 connection (RFC 9113 §3.4, §6.8, §9.1): how far it has come, which steps lead on, and what it waits for.
 *
 *     Preface ─► Open ─► Leaving ─► Last ─► Goodbye ─► Gone        from each to Goodbye (an error, the end) and to Gone
 *
 * The server leaves in two steps (§6.8): first it says that it will, with the highest number there is, so that requests under way are
 * still served; once the client must have heard of it, it names the last stream that it serves.
 *
 * Keeps: a step that the table doesn't have is a bug of ours and throws. What streams wait for is theirs (h2-stream-deadline.ts).
 */
import { assert } from "../assert.ts";

export enum Phase {
  /** The client's preface, or its first SETTINGS, have yet to come. */
  Preface,
  Open,
  /** The client has been told that no further streams are wanted; those it opens before it knows are served. */
  Leaving,
  /** It has been told which stream was the last; those beyond aren't served, and it knows. */
  Last,
  /** The sending side is closed; what still arrives is discarded. */
  Goodbye,
  /** The link is gone. */
  Gone,
}

export enum Step {
  SettingsRead,
  /** GOAWAY with the highest number. */
  Announced,
  /** GOAWAY with the last stream. */
  LastNamed,
  /** Everything is sent, or an error was: the sending side has been closed. */
  SaidGoodbye,
  Closed,
}

/** What the connection waits for; each has a deadline (h2-deadline.ts). */
export enum Wait {
  /** For nothing: there is something to do at once. */
  Nothing,
  /** For the preface and the first SETTINGS. */
  Preface,
  NextRequest,
  /** For the rest of a field block. */
  Head,
  /** For the client to take what was sent. */
  Client,
  /** For what streams wait for: the application, content, windows. */
  Streams,
  /** For the client to have heard that the server leaves. */
  Announcement,
  /** For the client to close, having read everything. */
  Goodbye,
}

const P = Phase;

/** By step: the phase after it. */
export const STEPS: Readonly<Record<Step, Partial<Record<Phase, Phase>>>> = {
  [Step.SettingsRead]: { [P.Preface]: P.Open },
  [Step.Announced]: { [P.Open]: P.Leaving },
  [Step.LastNamed]: { [P.Preface]: P.Last, [P.Open]: P.Last, [P.Leaving]: P.Last },
  [Step.SaidGoodbye]: { [P.Last]: P.Goodbye },
  [Step.Closed]: {
    [P.Preface]: P.Gone,
    [P.Open]: P.Gone,
    [P.Leaving]: P.Gone,
    [P.Last]: P.Gone,
    [P.Goodbye]: P.Gone,
    [P.Gone]: P.Gone,
  },
};

export class H2Life {
  phase: Phase = Phase.Preface;
  /** The client takes no more for now. */
  isBlocked = false;
  /** The client has closed its side: no further request will come. */
  hasPeerEnded = false;

  step(step: Step): void {
    const next = STEPS[step][this.phase];
    assert(next !== undefined, `step ${Step[step]} of a connection in ${Phase[this.phase]}`);
    this.phase = next;
  }

  /** Whether frames are read and sent. */
  get isOpen(): boolean {
    return this.phase < Phase.Goodbye;
  }

  /** Whether new streams are served. */
  get admitsStreams(): boolean {
    return this.phase < Phase.Last;
  }

  /**
   * What is waited for. `isInHead`: part of a field block has come; `isBusy`: streams are open, or octets wait for their turn.
   */
  waitWith(isInHead: boolean, isBusy: boolean): Wait {
    if (this.phase >= Phase.Goodbye) return Wait.Goodbye;
    if (this.isBlocked) return Wait.Client;
    if (!isBusy && (this.hasPeerEnded || this.phase === Phase.Last)) return Wait.Nothing;
    if (this.phase === Phase.Preface) return Wait.Preface;
    if (isInHead && this.phase < Phase.Last) return Wait.Head;
    if (isBusy) return Wait.Streams;
    return this.phase === Phase.Leaving ? Wait.Announcement : Wait.NextRequest;
  }
}
