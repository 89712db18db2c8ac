/**
 * Frames of a row as octets: placeholders filled in, field lines coded, fragments cut.
 *
 * Keeps: coding is stateless, literals throughout, so a row's own indexing and the probe's don't meet.
 */
import { expandPlaceholders, type Lookup } from "../octet-text.ts";
import { toVisible } from "../octet-text.ts";
import { literal } from "./hpack/encoder.ts";
import { Flag, type FrameHead, frameName, FrameType } from "./protocol.ts";
import type { FieldLineStep, FragmentsStep, FrameStep, PayloadPart, Step } from "./row.ts";

export interface OutgoingFrame {
  readonly head: FrameHead;
  readonly payload: Uint8Array;
  readonly length: number;
  /** Of a request's field block: its method, GET where it can't be told. */
  readonly method: string;
}

const isFieldLine = (part: PayloadPart): part is FieldLineStep => Array.isArray(part);

async function encodeParts(parts: readonly PayloadPart[], lookup: Lookup): Promise<Uint8Array> {
  const encoded = parts.map(async (part) => {
    if (!isFieldLine(part)) return part;
    const [name, value, form, huffman] = part;
    return literal(name, await expandPlaceholders(value, lookup), form, huffman);
  });
  return Buffer.concat(await Promise.all(encoded));
}

function methodOf(parts: readonly PayloadPart[]): string {
  return parts.filter(isFieldLine).find(([name]) => name === ":method")?.[1] ?? "GET";
}

export async function encodeFrameStep(step: FrameStep, lookup: Lookup): Promise<OutgoingFrame> {
  const { type, flags, stream } = step;
  const payload = await encodeParts(step.payload, lookup);
  return {
    head: { type, flags, stream },
    payload,
    length: step.length ?? payload.length,
    method: methodOf(step.payload),
  };
}

export async function encodeFragments(step: FragmentsStep, lookup: Lookup): Promise<OutgoingFrame[]> {
  const block = await encodeParts(step.fragmentsOf, lookup);
  const frames: OutgoingFrame[] = [];
  for (let start = 0; start < block.length; start += step.octets) {
    const payload = block.subarray(start, start + step.octets);
    const isFirst = start === 0;
    const isLast = start + step.octets >= block.length;
    const flags = (isFirst && step.endsStream ? Flag.END_STREAM : 0) | (isLast ? Flag.END_HEADERS : 0);
    const head = { type: isFirst ? FrameType.HEADERS : FrameType.CONTINUATION, flags, stream: step.stream };
    frames.push({ head, payload, length: payload.length, method: methodOf(step.fragmentsOf) });
  }
  return frames;
}

/** A step in a few words. */
export function describeStep(step: Step): string {
  if (typeof step === "string") return JSON.stringify(toVisible(step, 120));
  if ("inSegments" in step) return `in segments of ${step.octets}: [${step.inSegments.map(describeStep).join(", ")}]`;
  if ("fragmentsOf" in step) {
    return `HEADERS and CONTINUATION on stream ${step.stream} of ${step.octets} octets: ${describeParts(step.fragmentsOf)}`;
  }
  if (!("type" in step)) return JSON.stringify(step);
  const flags = step.flags === 0 ? "" : ` flags 0x${step.flags.toString(16)}`;
  const length = step.length === undefined ? "" : ` length ${step.length}`;
  return `${frameName(step.type)} stream ${step.stream}${flags}${length} ${describeParts(step.payload)}`.trimEnd();
}

function describeParts(parts: readonly PayloadPart[]): string {
  const texts = parts
    .filter((part) => isFieldLine(part) || part.length > 0)
    .map((part) =>
      isFieldLine(part) ? `${toVisible(part[0], 60)}=${toVisible(part[1], 60)}` : `<${toVisible(part, 40)}>`,
    );
  return texts.length <= 12 ? texts.join(" ") : `${texts.slice(0, 8).join(" ")} … ${texts.length - 8} more`;
}
