/** Random blocks: what clients send, what they might, and what they shouldn't. */
import type { Random } from "../../http/support/random.ts";
import { BlockBuilder, Literal } from "./block-builder.ts";

const NAMES = [":path", ":authority", "cookie", "x-a", "X-Upper", "user-agent", "te", "", "accept-encoding", "a\0b"];
const TEXT = "abcdefghijklmnopqrstuvwxyz0123456789/=;%-. ";

/** `tableCount`: entries of the dynamic table. */
export function generateBlock(random: Random, tableCount: number): Buffer {
  const builder = new BlockBuilder();
  while (random.chance(8)) builder.sizeUpdate(random.pick([0, 32, 64, 100, 500, 1000, 4095, 4096]));
  for (let count = random.below(12); count > 0; count--) addField(builder, random, tableCount);
  return builder.block;
}

function addField(builder: BlockBuilder, random: Random, tableCount: number): void {
  if (random.chance(2)) {
    builder.indexed(1 + random.below(61 + tableCount));
    return;
  }
  const form = random.pick([Literal.WithIndexing, Literal.WithIndexing, Literal.WithoutIndexing, Literal.NeverIndexed]);
  const name = random.chance(2) ? 1 + random.below(61 + tableCount) : nameFor(random);
  builder.literal(form, name, random.text(TEXT, lengthFor(random)), random.chance(2));
}

function nameFor(random: Random): string {
  return random.chance(10) ? random.text("abc-", random.below(200)) : random.pick(NAMES);
}

/** Mostly short; sometimes as long as a table, or longer. */
function lengthFor(random: Random): number {
  if (random.chance(60)) return 3900 + random.below(400);
  if (random.chance(10)) return random.below(1500);
  return random.below(60);
}

/** The block with octets changed, left out or put in. */
export function mutate(random: Random, block: Buffer): Buffer {
  const octets = [...block];
  for (let count = 1 + random.below(3); count > 0; count--) {
    const at = random.below(octets.length + 1);
    switch (random.below(4)) {
      case 0:
        octets[Math.min(at, octets.length)] = random.below(256);
        break;
      case 1:
        octets.splice(at, 1 + random.below(4));
        break;
      case 2:
        octets.splice(at, 0, random.pick([0x80, 0xff, 0x3f, 0x20, 0x7f, 0x00, 0x1f]));
        break;
      default:
        octets.length = at;
    }
  }
  return Buffer.from(octets);
}
