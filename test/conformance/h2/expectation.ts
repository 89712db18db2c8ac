/** What a row allows: its placeholders filled in, and in words. */
import { expandPlaceholders, type Lookup } from "../octet-text.ts";
import { describeResponse } from "../report.ts";
import type { ResponseExpectation } from "../row.ts";
import { ERROR_NAMES, type ErrorName, frameName } from "./protocol.ts";
import type { H2Expectation } from "./row.ts";

type Expectations = H2Expectation | readonly H2Expectation[];

const listOf = (expect: Expectations): readonly H2Expectation[] =>
  Array.isArray(expect) ? (expect as readonly H2Expectation[]) : [expect as H2Expectation];

export async function expandExpectations(expect: Expectations, lookup: Lookup): Promise<H2Expectation[]> {
  return Promise.all(
    listOf(expect).map(async (one) => {
      if (!one.responses) return one;
      const entries = Object.entries(one.responses).map(async ([stream, response]) => {
        return [stream, await expandResponse(response, lookup)] as const;
      });
      return { ...one, responses: Object.fromEntries(await Promise.all(entries)) };
    }),
  );
}

async function expandResponse(expected: ResponseExpectation, lookup: Lookup): Promise<ResponseExpectation> {
  const fields = Object.entries(expected.fields ?? {}).map(async ([name, wanted]) => {
    return [name, typeof wanted === "string" ? await expandPlaceholders(wanted, lookup) : wanted] as const;
  });
  return { ...expected, fields: Object.fromEntries(await Promise.all(fields)) };
}

export function describeExpectation(expect: Expectations): string {
  return listOf(expect).map(describeOne).join(" OR ");
}

function describeOne(one: H2Expectation): string {
  const parts = [
    ...Object.entries(one.responses ?? {}).map(
      ([stream, response]) => `stream ${stream}: ${describeResponse(response)}`,
    ),
    ...(one.beforeReset === undefined ? [] : [`status ${one.beforeReset}, then`]),
    ...Object.entries(one.resets ?? {}).map(
      ([stream, codes]) => `stream ${stream}: RST_STREAM ${describeCodes(codes)}`,
    ),
    ...(one.goaway ? [`${one.isAnnounced ? "" : "perhaps "}GOAWAY ${describeCodes(one.goaway)}`] : []),
    ...(one.lastStream === undefined ? [] : [`last stream ${one.lastStream}`]),
    ...(one.frames ?? []).map(
      ({ type, payload }) => `${frameName(type)}${payload ? ` ${JSON.stringify(payload)}` : ""}`,
    ),
    ...(one.endInOrder ? [`streams end in the order ${one.endInOrder.join(", ")}`] : []),
    ...(one.interleave ? [`streams ${one.interleave.join(" and ")} in turns`] : []),
    `connection ${one.then}`,
  ];
  return parts.join(", ");
}

/** Where nearly all codes are allowed, the first says what is meant. */
function describeCodes(codes: readonly ErrorName[]): string {
  return codes.length < ERROR_NAMES.length - 1 ? codes.join("|") : `${codes[0]} or another error`;
}
