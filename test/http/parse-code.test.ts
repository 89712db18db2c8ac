import { expect, test } from "bun:test";
import { PARSE_FAILURE, ParseCode } from "../../src/http/parse-code.ts";
import { reasonPhrase } from "../../src/http/status.ts";
import { HEAD_CORPUS } from "./support/corpus.ts";
import { BODY_ROWS } from "./support/body-corpus.ts";

const CODES = Object.values(ParseCode).filter(
  (code) => typeof code === "number" && code !== ParseCode.None,
) as ParseCode[];

test.each(CODES.map((code) => [ParseCode[code]!, code] as const))(
  "%s has an answer, a reason and a section",
  (_name, code) => {
    const { status, reason, section } = PARSE_FAILURE[code];
    expect([400, 413, 414, 417, 431, 501, 505]).toContain(status);
    expect(reasonPhrase(status)).not.toBe("");
    expect(reason).toMatch(/^[a-zA-Z][\w ,.'-]+$/);
    expect(section).toMatch(/^RFC (9110|9112|9113|6585) §\d/);
  },
);

/** What HTTP/1.1 has no like of: test/http2/request-fields.test.ts brings it about. */
const isOfHttp2 = (code: ParseCode) => PARSE_FAILURE[code].section.startsWith("RFC 9113");

test("the corpora bring about every failure", () => {
  const seen = new Set<string>([...HEAD_CORPUS.map((row) => row[2]), ...BODY_ROWS.map((row) => row[2])]);
  for (const code of CODES.filter((code) => !isOfHttp2(code)))
    expect([ParseCode[code], seen.has(ParseCode[code]!)]).toEqual([ParseCode[code], true]);
});
