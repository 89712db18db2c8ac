import { expect, test } from "bun:test";
import { FAULT_TEXT, NeighbourFault } from "../../../src/site/coding/neighbour-fault.ts";

test("every fault has words", () => {
  expect(FAULT_TEXT).toHaveLength(NeighbourFault.count);
});
