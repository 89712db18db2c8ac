import { expect, test } from "bun:test";
import { NeighbourFault } from "../../../src/site/coding/neighbour-fault.ts";
import { NeighbourNotes } from "../../../src/site/coding/neighbour-notes.ts";

function recorded(): [NeighbourNotes, string[]] {
  const lines: string[] = [];
  return [new NeighbourNotes((line) => lines.push(line)), lines];
}

test("a neighbour is noted once", () => {
  const [notes, lines] = recorded();
  for (let time = 0; time < 3; time++) notes.note("/srv/app.js.br", NeighbourFault.Older);
  expect(lines).toEqual([
    "/srv/app.js.br is not sent for the file beside it: it is more than two seconds older than the file",
  ]);
});

test("what is no mistake isn't noted", () => {
  const [notes, lines] = recorded();
  for (const fault of [NeighbourFault.None, NeighbourFault.Absent, NeighbourFault.NotAFile, NeighbourFault.NotSmaller])
    notes.note("/srv/app.js.br", fault);
  expect(lines).toEqual([]);
});

test("notes come to an end, and say so", () => {
  const [notes, lines] = recorded();
  for (let file = 0; file < 5000; file++) notes.note(`/srv/${file}.gz`, NeighbourFault.Empty);
  expect(lines).toHaveLength(1001);
  expect(lines.at(-1)).toContain("not logged");
});
