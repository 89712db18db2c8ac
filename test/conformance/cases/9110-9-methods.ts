/** RFC 9110 §9 and §10.2.1: GET, HEAD, OPTIONS, TRACE, unknown and refused methods, Allow. */
import { ANY, answers, type Expectation, request, type Row, type SectionGroup, serves, type Status } from "../row.ts";

/** 405 must name the methods; any other status says nothing about them. */
const NOT_405: readonly Status[] = [200, 201, 204, 400, 403, 404, 409, 411, 415, 501];

const headEqualsGet = (target: string, check: "same-fields-as-previous" | "same-content-length-as-previous") => ({
  send: `${request(`GET ${target}`)}${request(`HEAD ${target}`)}`,
  head: [1],
  expect: { responses: [{ status: ANY }, { status: ANY, check }], then: "either" } satisfies Expectation,
});

export const METHODS: SectionGroup = {
  title: "RFC 9110 §9 methods",
  rows: [
    {
      name: "supports GET",
      section: "RFC 9110 §9.1",
      level: "must",
      send: request("GET /alphabet.txt"),
      expect: serves("/alphabet.txt"),
    },
    {
      name: "supports HEAD and sends no content",
      section: "RFC 9110 §9.3.2",
      level: "must",
      send: request("HEAD /alphabet.txt"),
      expect: answers(200),
    },
    ...(
      [
        ["a large file", "/large.bin"],
        ["an empty file", "/empty.txt"],
        ["a resource that does not exist", "/nothing-here"],
        ["a directory", "/dir/"],
        ["a redirect", "/dir"],
      ] as const
    ).map(([what, target]): Row => ({
      name: `sends no content in response to HEAD of ${what}`,
      section: "RFC 9110 §9.3.2",
      level: "must",
      send: request(`HEAD ${target}`),
      expect: answers(["2xx", "3xx", "4xx"]),
    })),
    ...(
      [
        ["a file", "/alphabet.txt"],
        ["a large file", "/large.bin"],
        ["a directory", "/dir/"],
        ["a resource that does not exist", "/nothing-here"],
      ] as const
    ).flatMap(([what, target]): Row[] => [
      {
        name: `sends the same fields with HEAD as with GET of ${what}`,
        section: "RFC 9110 §9.3.2",
        level: "should",
        ...headEqualsGet(target, "same-fields-as-previous"),
      },
      {
        name: `sends the Content-Length of GET with HEAD of ${what}, or none`,
        section: "RFC 9110 §8.6",
        level: "must",
        ...headEqualsGet(target, "same-content-length-as-previous"),
      },
    ]),
    ...["BREW", "GE", "HEADER", "X", "M-SEARCH-ALL", "PROPFINDX"].map((method): Row => ({
      name: `answers 501 to the unknown method ${method}`,
      section: "RFC 9110 §9.1",
      level: "should",
      send: request(`${method} /alphabet.txt`),
      expect: answers(501),
    })),
    ...["POST", "PUT", "DELETE", "PATCH"].flatMap((method): Row[] => [
      {
        name: `answers ${method} of a file with 405 or 501`,
        section: "RFC 9110 §9.1",
        level: method === "POST" ? "choice" : "should",
        send: request(`${method} /alphabet.txt`, "Content-Length: 0"),
        expect: answers([405, 501]),
      },
      {
        name: `generates Allow if it answers ${method} with 405`,
        section: "RFC 9110 §15.5.6",
        level: "must",
        send: request(`${method} /alphabet.txt`, "Content-Length: 0"),
        expect: [answers(405, { Allow: true }), answers(NOT_405)],
      },
    ]),
    {
      name: "lists GET and HEAD in the Allow of a 405",
      section: "RFC 9110 §10.2.1",
      level: "must",
      send: request("DELETE /alphabet.txt"),
      expect: [
        answers(405, { Allow: true }, { check: "allow-covers-get-and-head" }),
        answers(405, { Allow: false }),
        answers(NOT_405),
      ],
    },
    {
      name: "does not list in Allow the method it has just refused",
      section: "RFC 9110 §10.2.1",
      level: "must",
      send: request("DELETE /alphabet.txt"),
      expect: [answers(405, { Allow: /^(?!.*\bDELETE\b)/ }), answers(405, { Allow: false }), answers(NOT_405)],
    },
    {
      name: "leaves a file as it is after PUT and DELETE",
      section: "RFC 9110 §9.3.5",
      level: "choice",
      send: [
        `${request("PUT /alphabet.txt", "Content-Length: 3")}new`,
        { awaitResponses: 1 },
        request("DELETE /alphabet.txt"),
        { awaitResponses: 2 },
        request("GET /alphabet.txt"),
      ],
      expect: {
        responses: [{ status: [405, 501] }, { status: [405, 501] }, { status: 200, body: { file: "/alphabet.txt" } }],
        then: "either",
      },
    },
    {
      name: "refuses TRACE",
      section: "RFC 9110 §9.3.8",
      level: "choice",
      send: request("TRACE /alphabet.txt"),
      expect: answers([403, 405, 501]),
    },
    {
      name: "does not reflect credentials in a response to TRACE",
      section: "RFC 9110 §9.3.8",
      level: "should",
      send: request("TRACE /alphabet.txt", "Authorization: Basic c2VjcmV0", "Cookie: id=c2VjcmV0"),
      expect: answers(["2xx", "4xx", 501], {}, { body: { without: "c2VjcmV0" } }),
    },
    {
      name: "answers OPTIONS of a file with Allow",
      section: "RFC 9110 §9.3.7",
      level: "choice",
      send: request("OPTIONS /alphabet.txt"),
      expect: answers([200, 204], { Allow: true }),
    },
    {
      name: "sends Allow in a successful response to OPTIONS",
      section: "RFC 9110 §9.3.7",
      level: "should",
      send: request("OPTIONS /alphabet.txt"),
      expect: [answers("2xx", { Allow: true }), answers(["3xx", "4xx", 501])],
    },
    {
      name: "generates Allow if it answers OPTIONS with 405",
      section: "RFC 9110 §15.5.6",
      level: "must",
      send: request("OPTIONS /alphabet.txt"),
      expect: [answers(405, { Allow: true }), answers([...NOT_405, "2xx"])],
    },
    {
      name: "does not evaluate preconditions for OPTIONS",
      section: "RFC 9110 §13.2.1",
      level: "must",
      send: request("OPTIONS /alphabet.txt", 'If-Match: "nothing-like-it"', "If-None-Match: *"),
      expect: answers(["2xx", 400, 403, 404, 405, 501]),
    },
    {
      name: "answers OPTIONS without content with a length of zero or 204",
      section: "RFC 9110 §9.3.7",
      level: "should",
      send: `${request("OPTIONS /alphabet.txt")}${request("GET /alphabet.txt")}`,
      expect: [
        { responses: [{ status: ANY }, { status: 200, body: { file: "/alphabet.txt" } }], then: "either" },
        answers(["4xx", 501], {}, { then: "closed" }),
      ],
    },
  ],
};
