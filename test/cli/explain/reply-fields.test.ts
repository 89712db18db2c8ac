/** The field lines of a reply: the head's, then those of this reply alone, with the dates of now. */
import { expect, setSystemTime, test } from "bun:test";
import { fieldsOf, valueOf } from "../../../src/cli/explain/reply-fields.ts";
import { MoreLines, Reply } from "../../../src/http/reply.ts";
import { buildResponseHead } from "../../../src/http/response-head.ts";

test("are those that are sent, in their order", () => {
  const head = buildResponseHead(200, [
    ["Server", "saker"],
    ["Date", null],
    ["Expires", null, 60],
    ["X-Empty", ""],
  ]);
  setSystemTime(new Date("1994-11-06T08:49:37.999Z"));
  const fields = fieldsOf(new Reply(head).with(new MoreLines([["Access-Control-Allow-Origin", "https://a.example"]])));
  setSystemTime();
  expect(fields).toEqual([
    ["Server", "saker"],
    ["Date", "Sun, 06 Nov 1994 08:49:37 GMT"],
    ["Expires", "Sun, 06 Nov 1994 08:50:37 GMT"],
    ["X-Empty", ""],
    ["Access-Control-Allow-Origin", "https://a.example"],
  ]);
  expect([valueOf(fields, "server"), valueOf(fields, "Vary")]).toEqual(["saker", null]);
});
