/** RFC 9110 §10.1.1 and §15.2: Expect and interim responses. */
import { ANY, answers, type Expectation, FOLLOW_UP, request, type SectionGroup, serves } from "../row.ts";

/** Either 100 and then a final response, or a final response at once, after which the client may not know what is read. */
const invitedOrAnswered: readonly Expectation[] = [
  { responses: [{ status: ANY, interim: [100] }], then: "either" },
  { responses: [{ status: ANY, interim: [] }], then: "closed" },
  { responses: [{ status: ANY, interim: [] }], then: "waiting" },
];

export const EXPECT: SectionGroup = {
  title: "RFC 9110 §10.1.1 Expect",
  rows: [
    {
      name: "sends 100 or a final status to a POST that waits for it",
      section: "RFC 9110 §10.1.1",
      level: "must",
      send: [
        request("POST /alphabet.txt", "Content-Length: 5", "Expect: 100-continue"),
        { awaitInterim: true },
        "hello",
      ],
      expect: invitedOrAnswered,
    },
    {
      name: "sends 100 or a final status to a POST with chunked content that waits for it",
      section: "RFC 9110 §10.1.1",
      level: "must",
      send: [
        request("POST /alphabet.txt", "Transfer-Encoding: chunked", "Expect: 100-continue"),
        { awaitInterim: true },
        "5\r\nhello\r\n0\r\n\r\n",
      ],
      expect: invitedOrAnswered,
    },
    {
      name: "sends 100 or a final status to a GET that waits for it",
      section: "RFC 9110 §10.1.1",
      level: "must",
      send: [
        request("GET /alphabet.txt", "Content-Length: 5", "Expect: 100-continue"),
        { awaitInterim: true },
        "hello",
      ],
      expect: invitedOrAnswered,
    },
    {
      name: "matches the expectation without regard to case",
      section: "RFC 9110 §10.1.1",
      level: "must",
      send: [
        request("POST /alphabet.txt", "Content-Length: 5", "expect: 100-Continue"),
        { awaitInterim: true },
        "hello",
      ],
      expect: invitedOrAnswered,
    },
    {
      name: "ignores empty elements in the list of expectations",
      section: "RFC 9110 §5.6.1.2",
      level: "must",
      send: [
        request("POST /alphabet.txt", "Content-Length: 5", "Expect: ,100-continue ,"),
        { awaitInterim: true },
        "hello",
      ],
      expect: invitedOrAnswered.map((expected) => ({
        ...expected,
        responses: [{ ...expected.responses[0]!, status: [405, 200] }],
      })),
    },
    {
      name: "answers a request whose list of expectations is empty",
      section: "RFC 9110 §5.6.1.2",
      level: "must",
      send: request("GET /alphabet.txt", "Expect: ,"),
      expect: serves("/alphabet.txt"),
    },
    {
      name: "ignores a 100-continue expectation in HTTP/1.0",
      section: "RFC 9110 §10.1.1",
      level: "must",
      send: "GET /alphabet.txt HTTP/1.0\r\nHost: {host}\r\nExpect: 100-continue\r\n\r\n",
      expect: serves("/alphabet.txt"),
    },
    {
      name: "does not send 1xx to an HTTP/1.0 client with content",
      section: "RFC 9110 §15.2",
      level: "must",
      send: "POST /alphabet.txt HTTP/1.0\r\nHost: {host}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
      expect: answers(ANY),
    },
    {
      name: "answers a GET without content that expects 100-continue",
      section: "RFC 9110 §10.1.1",
      level: "must",
      send: request("GET /alphabet.txt", "Expect: 100-continue"),
      expect: answers(200, {}, { interim: "any", body: { file: "/alphabet.txt" } }),
    },
    {
      name: "stays in step when the client does not wait for 100",
      section: "RFC 9110 §10.1.1",
      level: "must",
      send: `${request("GET /dir/file.txt", "Content-Length: 5", "Expect: 100-continue")}hello${FOLLOW_UP}`,
      expect: [
        {
          responses: [
            { status: ANY, interim: "any" },
            { status: 200, body: { file: "/alphabet.txt" } },
          ],
          then: "either",
        },
        { responses: [{ status: ANY, interim: "any" }], then: "closed" },
      ],
    },
    {
      name: "says that it closes when it answers instead of reading the content",
      section: "RFC 9110 §10.1.1",
      level: "should",
      send: [request("POST /alphabet.txt", "Content-Length: 5", "Expect: 100-continue"), "hello"],
      expect: [
        answers(ANY, { Connection: /\bclose\b/i }, { interim: "any", then: "closed" }),
        answers(ANY, {}, { interim: "any", then: "open" }),
      ],
    },
    {
      name: "answers 417 to another expectation",
      section: "RFC 9110 §10.1.1",
      level: "choice",
      send: request("GET /alphabet.txt", "Expect: the-unexpected"),
      expect: answers(417),
    },
    {
      name: "answers 417 to another expectation, or ignores it",
      section: "RFC 9110 §10.1.1",
      level: "must",
      send: request("GET /alphabet.txt", "Expect: the-unexpected"),
      expect: [serves("/alphabet.txt"), answers([417, 400])],
    },
    {
      name: "answers 417 to another expectation beside 100-continue, or ignores it",
      section: "RFC 9110 §10.1.1",
      level: "must",
      send: request("GET /alphabet.txt", "Expect: 100-continue, the-unexpected"),
      expect: [answers(200, {}, { interim: "any", body: { file: "/alphabet.txt" } }), answers([417, 400])],
    },
  ],
};
