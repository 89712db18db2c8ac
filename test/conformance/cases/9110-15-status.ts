/** RFC 9110 §15 and §10.2: error responses, redirects, what they carry and what not. */
import { ANY, answers, refuses, request, type Row, type SectionGroup } from "../row.ts";

const ERRORS: readonly (readonly [status: number, octets: string])[] = [
  [400, "GET /alphabet.txt HTTP/1.1\r\n\r\n"],
  [404, request("GET /nothing-here")],
  [405, request("DELETE /alphabet.txt")],
  [412, request("GET /alphabet.txt", 'If-Match: "nothing-like-it"')],
  [416, request("GET /alphabet.txt", "Range: bytes=100-")],
  [501, request("BREW /alphabet.txt")],
];

export const STATUS: SectionGroup = {
  title: "RFC 9110 §15 status codes",
  rows: [
    ...ERRORS.flatMap(([status, octets]): Row[] => [
      {
        name: `explains ${status} with content`,
        section: status < 500 ? "RFC 9110 §15.5" : "RFC 9110 §15.6",
        level: "should",
        send: octets,
        expect: [answers(status, {}, { check: "has-content" }), answers(status === 400 ? [] : ["2xx", 400, 501])],
      },
      {
        name: `names the media type of the content of ${status}`,
        section: "RFC 9110 §8.3",
        level: "should",
        send: octets,
        expect: [
          answers(status, { "Content-Type": true }),
          answers(status, { "Content-Length": "0" }),
          answers(status === 400 ? [] : ["2xx", 400, 501], { "Content-Type": true }),
        ],
      },
      {
        name: `does not pass off the validators of a file as those of ${status}`,
        section: "RFC 9110 §8.8",
        level: "choice",
        send: octets,
        expect: answers(
          ANY.filter((one) => one !== "2xx"),
          { ETag: false, "Last-Modified": false },
        ),
      },
    ]),
    {
      name: "answers 404 when there is no representation",
      section: "RFC 9110 §15.5.5",
      level: "must",
      send: request("GET /nothing-here"),
      expect: answers(404),
    },
    {
      name: "answers 404 below a directory that does not exist",
      section: "RFC 9110 §15.5.5",
      level: "must",
      send: request("GET /nothing/here.txt"),
      expect: answers(404),
    },
    {
      name: "sends no Content-Encoding that the content of an error does not have",
      section: "RFC 9110 §8.4",
      level: "must",
      send: request("GET /nothing-here.html", "Accept-Encoding: gzip, br, zstd"),
      expect: [
        answers(404, { "Content-Encoding": false }),
        answers(404, { "Content-Encoding": "gzip" }),
        answers(404, { "Content-Encoding": /^(br|zstd)$/ }),
      ],
    },
    {
      name: "does not repeat markup from the path in an error",
      section: "RFC 9110 §17.4",
      level: "choice",
      send: request("GET /%3Cscript%3Ealert(1)%3C/script%3E"),
      expect: answers(404, {}, { body: { without: "<script>alert" } }),
    },
    {
      name: "does not tell in an error where its files lie",
      section: "RFC 9110 §17.3",
      level: "choice",
      send: request("GET /alphabet.txt/below"),
      expect: answers(["3xx", "4xx"], {}, { body: { without: "ENOTDIR" } }),
    },
    {
      name: "generates Location in a redirect",
      section: "RFC 9110 §15.4.2",
      level: "should",
      send: request("GET /dir"),
      expect: [answers([301, 302, 307, 308], { Location: true }), answers([200, 404])],
    },
    {
      name: "generates no Location in a 200 response to GET",
      section: "RFC 9110 §10.2.2",
      level: "choice",
      send: request("GET /alphabet.txt"),
      expect: answers(200, { Location: false }),
    },
    {
      name: "sends no versions in Server",
      section: "RFC 9110 §10.2.4",
      level: "choice",
      send: request("GET /alphabet.txt"),
      expect: [answers(200, { Server: false }), answers(200, { Server: /^[^\d]*$/ })],
    },
    {
      name: "answers 413 to content of 64 MiB for a method that takes none, or 405",
      section: "RFC 9110 §15.5.14",
      level: "choice",
      send: request("POST /alphabet.txt", "Content-Length: 67108864", "Expect: 100-continue"),
      expect: [refuses(413), refuses(405), refuses(417)],
    },
    {
      name: "does not send an unsolicited 1xx response",
      section: "RFC 9110 §15.2",
      level: "choice",
      send: `${request("POST /alphabet.txt", "Content-Length: 5")}hello`,
      expect: answers(["2xx", "4xx", 501], {}, { interim: [] }),
    },
  ],
};
