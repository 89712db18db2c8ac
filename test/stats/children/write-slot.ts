/**
 * A worker's stand-in: serves so many requests into its slot, as fast as it can.
 *
 * In:    path of the statistics file, slot, number of requests (Infinity: until killed).
 */
import { Counter, SlotState } from "../../../src/stats/layout.ts";
import { openSegment } from "../../../src/stats/segment.ts";

const [path, index, requests] = process.argv.slice(2);
const slot = openSegment(path!).slot(Number(index));
slot.adopt(process.pid);
slot.state = SlotState.Ready;
const bytes = Buffer.from("/some/path/of/a/file/that/is/longer/than/the/loop/copies.html");
for (let request = 0; request < Number(requests); request++) {
  const sequence = slot.requestStarted(Date.now(), 1 + (request % 2), bytes, 0, 1 + (request % bytes.length));
  slot.values[Counter.CacheHits]! += 1;
  const status = request % 3 === 0 ? 404 : 200;
  slot.responseStarted(status);
  slot.requestFinished(sequence, status, request % 1000, 10);
  if (request % 5000 === 0) slot.heartbeat();
}
slot.state = SlotState.Draining;
