/**
 * What the fuzzer of frames starts from: the frames of the rows, one list of frames a row.
 *
 * Out:   lists of whole frames as octets, placeholders filled in; short ones only, and none that asks for a large file.
 */
import { type Lookup, MissingValidator } from "../../octet-text.ts";
import { ALL_H2_ROWS } from "../cases/index.ts";
import { encodeFragments, encodeFrameStep, type OutgoingFrame } from "../encode-step.ts";
import { encodeFrame } from "../protocol.ts";
import type { H2Expectation, H2Row, Step } from "../row.ts";

/** Longer rows are about floods and limits; mutating them finds nothing but slowness. */
const FRAMES_MAX = 40;
const OCTETS_MAX = 8_192;

/** How often a row after which the connection goes on is there, for once that it ends: most changes end it. */
const ANSWERABLE_WEIGHT = 4;

export type FrameList = readonly Uint8Array[];

export async function makeFrameCorpus(server: Lookup): Promise<FrameList[]> {
  const corpus: FrameList[] = [];
  for (const row of ALL_H2_ROWS) {
    const frames = await framesOf(row, server);
    const octets = frames.reduce((sum, frame) => sum + frame.length, 0);
    const isFit = frames.length > 0 && frames.length <= FRAMES_MAX && octets <= OCTETS_MAX;
    if (!isFit || /large\.bin|noise\.bin/.test(Buffer.concat(frames).toString("latin1"))) continue;
    corpus.push(...Array<FrameList>(isAnswerable(row) ? ANSWERABLE_WEIGHT : 1).fill(frames));
  }
  return corpus;
}

function isAnswerable({ expect }: H2Row): boolean {
  const first = Array.isArray(expect) ? (expect as readonly H2Expectation[])[0] : (expect as H2Expectation);
  return first?.then === "open" && first.resets === undefined;
}

async function framesOf({ send }: H2Row, server: Lookup): Promise<Uint8Array[]> {
  const frames: OutgoingFrame[] = [];
  const steps = send.flatMap((step): readonly Step[] =>
    typeof step === "object" && "inSegments" in step ? step.inSegments : [step],
  );
  for (const step of steps.slice(0, FRAMES_MAX + 1)) {
    if (typeof step === "string") continue;
    try {
      if ("type" in step) frames.push(await encodeFrameStep(step, server));
      else if ("fragmentsOf" in step) frames.push(...(await encodeFragments(step, server)));
    } catch (problem) {
      if (!(problem instanceof MissingValidator)) throw problem;
    }
  }
  return frames.map(({ head, payload, length }) => encodeFrame(head, payload, length));
}
