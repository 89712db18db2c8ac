/**
 * Notes about compressed neighbours that are there and aren't used: whoever put them there expects that they are.
 *
 * Out:   one line for each neighbour, in the error log.
 * Keeps: a neighbour is noted once in a worker's life, and at most NOTED_MAX are. One that isn't smaller than its file is no
 *        mistake: tools compress whatever they find.
 */
import { FAULT_TEXT, NeighbourFault } from "./neighbour-fault.ts";

const NOTED_MAX = 1000;

export class NeighbourNotes {
  private readonly noted = new Set<string>();

  constructor(private readonly warn: (message: string) => void) {}

  note(path: string, fault: NeighbourFault): void {
    if (fault <= NeighbourFault.NotAFile || fault === NeighbourFault.NotSmaller) return;
    if (this.noted.size >= NOTED_MAX || this.noted.has(path)) return;
    this.noted.add(path);
    this.warn(`${path} is not sent for the file beside it: it ${FAULT_TEXT[fault]}`);
    if (this.noted.size === NOTED_MAX) this.warn("further precompressed files that are not sent are not logged");
  }
}
