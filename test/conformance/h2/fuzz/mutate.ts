/**
 * Makes a new list of frames out of the corpus: a few changes of the kinds that HTTP/2 servers get wrong.
 *
 * In:    corpus and `Random`. Out: frames, of which some may no longer be any; octets of at most `INPUT_OCTETS_MAX`.
 * Keeps: deterministic; the corpus is not changed.
 */
import type { Random } from "../../fuzz/random.ts";
import { encodeFrame, FRAME_HEAD_OCTETS } from "../protocol.ts";
import type { FrameList } from "./corpus.ts";

const INPUT_OCTETS_MAX = 65_536;
const TYPES_MAX = 0x12;

/** Numbers with a meaning: windows, sizes, codes, streams. */
const NUMBERS = [0, 1, 2, 3, 5, 7, 99, 0x3fff, 0x4000, 0x4001, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const STREAMS = [0, 1, 1, 1, 2, 3, 3, 5, 7, 9, 101, 0x7fff_ffff, 0x8000_0001];

type Mutator = (frames: Uint8Array[], random: Random, corpus: readonly FrameList[]) => void;

/** Changes one frame into another; an empty list stays. */
const changeOne =
  (change: (frame: Buffer, random: Random) => Uint8Array): Mutator =>
  (frames, random) => {
    if (frames.length === 0) return;
    const index = random.below(frames.length);
    frames[index] = change(Buffer.from(frames[index]!), random);
  };

const randomOctets = (random: Random, most: number): Uint8Array =>
  Uint8Array.from({ length: random.below(most + 1) }, () => random.below(256));

const MUTATORS: readonly Mutator[] = [
  function drop(frames, random) {
    frames.splice(random.below(frames.length + 1), 1);
  },
  function repeat(frames, random) {
    const frame = frames[random.below(frames.length + 1)];
    if (!frame) return;
    for (let times = 1 + random.below(random.oneOf([2, 8, 200])); times > 0; times--) frames.push(frame);
  },
  function swap(frames, random) {
    const [a, b] = [random.below(frames.length), random.below(frames.length)];
    if (frames.length > 1) [frames[a], frames[b]] = [frames[b]!, frames[a]!];
  },
  function appendAnother(frames, random, corpus) {
    frames.push(...random.oneOf(corpus));
  },
  function insertFrameOfAnother(frames, random, corpus) {
    frames.splice(random.below(frames.length + 1), 0, random.oneOf(random.oneOf(corpus)));
  },
  function insertRandomFrame(frames, random) {
    const head = { type: random.below(TYPES_MAX), flags: random.below(256), stream: random.oneOf(STREAMS) };
    frames.splice(
      random.below(frames.length + 1),
      0,
      encodeFrame(head, randomOctets(random, random.oneOf([4, 8, 64]))),
    );
  },
  changeOne(function setType(frame, random) {
    frame[3] = random.below(TYPES_MAX);
    return frame;
  }),
  changeOne(function flipFlag(frame, random) {
    frame[4]! ^= 1 << random.below(8);
    return frame;
  }),
  changeOne(function setStream(frame, random) {
    if (frame.length >= FRAME_HEAD_OCTETS) frame.writeUInt32BE(random.oneOf(STREAMS), 5);
    return frame;
  }),
  changeOne(function shiftStream(frame, random) {
    if (frame.length >= FRAME_HEAD_OCTETS) frame.writeUInt32BE((frame.readUInt32BE(5) + random.below(9)) >>> 0, 5);
    return frame;
  }),
  changeOne(function setLength(frame, random) {
    if (frame.length >= 3) frame.writeUIntBE(random.oneOf(NUMBERS) & 0xff_ffff, 0, 3);
    return frame;
  }),
  changeOne(function setNumber(frame, random) {
    const offset = FRAME_HEAD_OCTETS + random.below(8);
    if (frame.length >= offset + 4) frame.writeUInt32BE(random.oneOf(NUMBERS), offset);
    return frame;
  }),
  changeOne(function flipBit(frame, random) {
    if (frame.length > 0) frame[random.below(frame.length)]! ^= 1 << random.below(8);
    return frame;
  }),
  changeOne(function setPayloadOctet(frame, random) {
    if (frame.length > FRAME_HEAD_OCTETS) {
      frame[FRAME_HEAD_OCTETS + random.below(frame.length - FRAME_HEAD_OCTETS)] = random.below(256);
    }
    return frame;
  }),
  changeOne(function insertIntoPayload(frame, random) {
    const at = FRAME_HEAD_OCTETS + random.below(frame.length);
    return withPayload(frame, [frame.subarray(FRAME_HEAD_OCTETS, at), randomOctets(random, 6), frame.subarray(at)]);
  }),
  changeOne(function cutPayload(frame, random) {
    return withPayload(frame, [frame.subarray(FRAME_HEAD_OCTETS, FRAME_HEAD_OCTETS + random.below(frame.length))]);
  }),
  changeOne(function cutFrame(frame, random) {
    return frame.subarray(0, random.below(frame.length + 1));
  }),
];

/** The same head around another payload, with its length. */
function withPayload(frame: Buffer, parts: readonly Uint8Array[]): Uint8Array {
  if (frame.length < FRAME_HEAD_OCTETS) return frame;
  return encodeFrame({ type: frame[3]!, flags: frame[4]!, stream: frame.readUInt32BE(5) }, Buffer.concat(parts));
}

export function makeFrames(corpus: readonly FrameList[], random: Random): Uint8Array {
  const frames = [...random.oneOf(corpus)];
  for (let changes = random.below(6); changes > 0; changes--) random.oneOf(MUTATORS)(frames, random, corpus);
  return Buffer.concat(frames).subarray(0, INPUT_OCTETS_MAX);
}
