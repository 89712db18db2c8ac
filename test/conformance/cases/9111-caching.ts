/** RFC 9111 where an origin server is concerned: Age, freshness, request directives, validation. */
import { ANY, answers, type Row, request, type SectionGroup, serves } from "../row.ts";

const DIRECTIVES =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+(=([!#$%&'*+.^_`|~0-9A-Za-z-]+|"[^"]*"))?)(, *[!#$%&'*+.^_`|~0-9A-Za-z-]+(=([!#$%&'*+.^_`|~0-9A-Za-z-]+|"[^"]*"))?)*$/;
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

export const CACHING: SectionGroup = {
  title: "RFC 9111 caching (origin server)",
  rows: [
    {
      name: "does not send Age, as it is the origin",
      section: "RFC 9111 §5.1",
      level: "should",
      send: request("GET /alphabet.txt"),
      expect: answers(200, { Age: false }),
    },
    {
      name: "does not send Age with 304",
      section: "RFC 9111 §5.1",
      level: "should",
      send: request("GET /alphabet.txt", "If-None-Match: {etag /alphabet.txt}"),
      expect: answers(304, { Age: false }),
    },
    {
      name: "sends a Cache-Control that is a list of directives, or none",
      section: "RFC 9111 §5.2",
      level: "must",
      send: request("GET /alphabet.txt"),
      expect: [answers(200, { "Cache-Control": DIRECTIVES }), answers(200, { "Cache-Control": false })],
    },
    {
      name: "sends an Expires that is an IMF-fixdate, or none",
      section: "RFC 9111 §5.3",
      level: "must",
      send: request("GET /alphabet.txt"),
      expect: [answers(200, { Expires: IMF_FIXDATE }), answers(200, { Expires: false })],
    },
    ...["no-cache", "no-store", "max-age=0", "only-if-cached", "max-stale=60", "no-transform", "unheard-of"].map(
      (directive): Row => ({
        name: `serves a request with Cache-Control: ${directive}`,
        section: "RFC 9111 §5.2.1",
        level: "must",
        send: request("GET /alphabet.txt", `Cache-Control: ${directive}`),
        expect: serves("/alphabet.txt"),
      }),
    ),
    {
      name: "serves a request with Pragma: no-cache",
      section: "RFC 9111 §5.4",
      level: "must",
      send: request("GET /alphabet.txt", "Pragma: no-cache"),
      expect: serves("/alphabet.txt"),
    },
    {
      name: "validates for a cache that sends max-age=0",
      section: "RFC 9111 §4.3.1",
      level: "must",
      send: request("GET /alphabet.txt", "Cache-Control: max-age=0", "If-None-Match: {etag /alphabet.txt}"),
      expect: answers(304),
      needs: "entity-tag",
    },
    {
      name: "validates for a cache that sends no-cache",
      section: "RFC 9111 §4.3.1",
      level: "must",
      send: request("GET /alphabet.txt", "Cache-Control: no-cache", "If-None-Match: {etag /alphabet.txt}"),
      expect: answers(304),
      needs: "entity-tag",
    },
    {
      name: "validates by both validators at once",
      section: "RFC 9111 §4.3.1",
      level: "must",
      send: request(
        "GET /alphabet.txt",
        "If-None-Match: {etag /alphabet.txt}",
        "If-Modified-Since: {last-modified /alphabet.txt}",
      ),
      expect: answers(304),
      needs: "entity-tag",
    },
    {
      name: "validates several stored responses at once",
      section: "RFC 9111 §4.3.1",
      level: "must",
      send: request("GET /alphabet.txt", 'If-None-Match: "stored-1", "stored-2", {etag /alphabet.txt}'),
      expect: answers(304, { ETag: "{etag /alphabet.txt}" }),
      needs: "entity-tag",
    },
    {
      name: "lets a cache complete an incomplete response by If-Range",
      section: "RFC 9111 §3.4",
      level: "should",
      send: request("GET /alphabet.txt", "Range: bytes=13-", "If-Range: {etag /alphabet.txt}"),
      expect: answers(206, { ETag: "{etag /alphabet.txt}", "Content-Range": "bytes 13-25/26" }),
      needs: "entity-tag",
    },
    {
      name: "lets a cache update a stored response by HEAD",
      section: "RFC 9111 §4.3.5",
      level: "should",
      send: `${request("GET /alphabet.txt")}${request("HEAD /alphabet.txt")}`,
      head: [1],
      expect: { responses: [{ status: ANY }, { status: ANY, check: "same-fields-as-previous" }], then: "either" },
    },
    {
      name: "does not vary on everything",
      section: "RFC 9111 §4.1",
      level: "choice",
      send: request("GET /alphabet.txt"),
      expect: [answers(200, { Vary: false }), answers(200, { Vary: /^[^*]+$/ })],
    },
    {
      name: "does not make errors storable for long",
      section: "RFC 9111 §4.2.2",
      level: "choice",
      send: request("GET /nothing-here"),
      expect: [
        answers(404, { "Cache-Control": false, Expires: false }),
        answers(404, { "Cache-Control": /no-store|no-cache|private|max-age=\d{1,3}\b/ }),
      ],
    },
  ],
};
