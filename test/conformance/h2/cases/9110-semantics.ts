/** RFC 9110 as it shows in HTTP/2: that the same server answers the same, in frames. */
import { ANY } from "../../row.ts";
import { get, getOn, headers, request } from "../frames.ts";
import { answersAll, answersOn, type FieldLineStep, type H2Row, type H2SectionGroup, serves } from "../row.ts";

const FILE = "/alphabet.txt";

interface Options {
  readonly level?: H2Row["level"];
  readonly needs?: H2Row["needs"];
  readonly method?: string;
}

const row = (
  name: string,
  section: string,
  target: string,
  fields: readonly FieldLineStep[],
  response: Parameters<typeof answersOn>[1],
  { level = "must", needs, method = "GET" }: Options = {},
): H2Row => ({
  name,
  section,
  level,
  ...(needs ? { needs } : {}),
  send: [headers(1, request(method, target, ...fields))],
  expect: answersOn(1, response),
});

const EVERY_KIND: readonly (readonly [string, string])[] = [
  ["/index.html", "/index.html"],
  ["/", "/index.html"],
  ["/empty.txt", "/empty.txt"],
  ["/page.html", "/page.html"],
  ["/noise.bin", "/noise.bin"],
  ["/large.bin", "/large.bin"],
  ["/dir/", "/dir/index.html"],
  ["/with%20space.txt", "/with space.txt"],
  ["/%C3%BCn%C3%AF.txt", "/ünï.txt"],
  ["/plus+sign.txt", "/plus+sign.txt"],
];

export const SEMANTICS_ROWS: H2SectionGroup = {
  title: "RFC 9110 over HTTP/2",
  rows: [
    ...EVERY_KIND.map(([target, file]) =>
      row(`serves ${target} octet for octet`, "RFC 9110 §9.3.1", target, [], { status: 200, body: { file } }),
    ),
    row("sends Date", "RFC 9110 §6.6.1", FILE, [], { status: 200, check: "date-is-now" }),
    row("sends Date with an error", "RFC 9110 §6.6.1", "/nothing-here", [], { status: 404, check: "date-is-now" }),
    row(
      "sends the content-length that the DATA have",
      "RFC 9110 §8.6",
      FILE,
      [],
      { status: 200, fields: { "content-length": "26" }, body: { file: FILE } },
      { level: "should" },
    ),
    row("sends no connection-specific fields", "RFC 9113 §8.2.2", FILE, [], {
      status: 200,
      fields: { connection: false, "keep-alive": false, "transfer-encoding": false, upgrade: false },
    }),
    row("sends no connection-specific fields with an error", "RFC 9113 §8.2.2", "/nothing-here", [], {
      status: 404,
      fields: { connection: false, "keep-alive": false, "transfer-encoding": false, upgrade: false },
    }),
    row("answers 404 for what isn't there", "RFC 9110 §15.5.5", "/nothing-here", [], { status: 404 }),
    row(
      "answers HEAD without DATA, and with content-length",
      "RFC 9110 §9.3.2",
      FILE,
      [],
      { status: 200, fields: { "content-length": "26" }, body: { text: "" } },
      { method: "HEAD", level: "should" },
    ),
    row(
      "answers HEAD of a large file without DATA",
      "RFC 9110 §9.3.2",
      "/large.bin",
      [],
      { status: 200, body: { text: "" } },
      { method: "HEAD" },
    ),
    row(
      "answers HEAD without DATA where it isn't there",
      "RFC 9110 §9.3.2",
      "/nothing-here",
      [],
      { status: 404, body: { text: "" } },
      { method: "HEAD" },
    ),
    row(
      "answers 304 without DATA to an entity tag that matches",
      "RFC 9110 §13.1.2",
      FILE,
      [["if-none-match", "{etag /alphabet.txt}"]],
      { status: 304, body: { text: "" } },
      { needs: "entity-tag" },
    ),
    row(
      "sends the entity tag with 304",
      "RFC 9110 §15.4.5",
      FILE,
      [["if-none-match", "{etag /alphabet.txt}"]],
      { status: 304, fields: { etag: "{etag /alphabet.txt}" } },
      { needs: "entity-tag" },
    ),
    row(
      "answers 200 to an entity tag that doesn't match",
      "RFC 9110 §13.1.2",
      FILE,
      [["if-none-match", '"other"']],
      { status: 200, body: { file: FILE } },
      { needs: "entity-tag" },
    ),
    row(
      "answers 304 where nothing has been modified since",
      "RFC 9110 §13.1.3",
      FILE,
      [["if-modified-since", "{last-modified /alphabet.txt}"]],
      { status: 304, body: { text: "" } },
      { needs: "last-modified", level: "should" },
    ),
    row(
      "answers 412 to If-Match that doesn't match",
      "RFC 9110 §13.1.1",
      FILE,
      [["if-match", '"other"']],
      { status: 412 },
      { needs: "entity-tag" },
    ),
    row(
      "answers 412 to If-Unmodified-Since that doesn't hold",
      "RFC 9110 §13.1.4",
      FILE,
      [["if-unmodified-since", "{last-modified /alphabet.txt -60}"]],
      { status: 412 },
      { needs: "last-modified" },
    ),
    row(
      "answers 206 to a range",
      "RFC 9110 §14.2",
      FILE,
      [["range", "bytes=2-4"]],
      { status: 206, fields: { "content-range": "bytes 2-4/26" }, body: { file: FILE, first: 2, last: 4 } },
      { needs: "byte-ranges" },
    ),
    row(
      "answers 206 to a suffix",
      "RFC 9110 §14.2",
      FILE,
      [["range", "bytes=-3"]],
      { status: 206, fields: { "content-range": "bytes 23-25/26" }, body: { file: FILE, first: 23, last: 25 } },
      { needs: "byte-ranges" },
    ),
    row(
      "answers 206 to a range within a large file",
      "RFC 9110 §14.2",
      "/large.bin",
      [["range", "bytes=1000000-2000000"]],
      {
        status: 206,
        fields: { "content-range": "bytes 1000000-2000000/3000000" },
        body: { file: "/large.bin", first: 1_000_000, last: 2_000_000 },
      },
      { needs: "byte-ranges" },
    ),
    row(
      "answers several ranges by parts",
      "RFC 9110 §14.6",
      FILE,
      [["range", "bytes=0-1,20-25"]],
      {
        status: 206,
        body: {
          file: FILE,
          parts: [
            [0, 1],
            [20, 25],
          ],
        },
      },
      { needs: "multipart-ranges" },
    ),
    row(
      "answers 416 to a range beyond the end",
      "RFC 9110 §15.5.17",
      FILE,
      [["range", "bytes=26-"]],
      { status: 416, fields: { "content-range": "bytes */26" } },
      { needs: "byte-ranges", level: "should" },
    ),
    row(
      "ignores a range when If-Range doesn't match",
      "RFC 9110 §13.1.5",
      FILE,
      [
        ["range", "bytes=0-1"],
        ["if-range", '"other"'],
      ],
      { status: 200, body: { file: FILE } },
      { needs: "byte-ranges" },
    ),
    row(
      "answers a range when If-Range matches",
      "RFC 9110 §13.1.5",
      FILE,
      [
        ["range", "bytes=0-1"],
        ["if-range", "{etag /alphabet.txt}"],
      ],
      { status: [200, 206] },
      { needs: "byte-ranges" },
    ),
    row(
      "answers DELETE with 405 or 501",
      "RFC 9110 §15.5.6",
      FILE,
      [],
      { status: [403, 405, 501] },
      { method: "DELETE", level: "should" },
    ),
    row(
      "sends Allow with 405, or another status",
      "RFC 9110 §15.5.6",
      FILE,
      [],
      { status: [405, 403, 404, 501], fields: { allow: /GET/ } },
      { method: "PUT", level: "choice" },
    ),
    row(
      "answers OPTIONS of a file",
      "RFC 9110 §9.3.7",
      FILE,
      [],
      { status: ["2xx", 405, 501, 403] },
      { method: "OPTIONS", level: "should" },
    ),
    row(
      "does not reflect what TRACE sends",
      "RFC 9110 §9.3.8",
      FILE,
      [["cookie", "id=c2VjcmV0"]],
      { status: ["2xx", "4xx", 501], body: { without: "c2VjcmV0" } },
      { method: "TRACE" },
    ),
    row(
      "sends a content coding that is asked for, and says so",
      "RFC 9110 §8.4",
      "/page.html",
      [["accept-encoding", "gzip"]],
      { status: 200, fields: { "content-encoding": "gzip" }, body: { decodedFile: "/page.html" } },
      { needs: "content-coding" },
    ),
    row(
      "sends no content coding that isn't asked for",
      "RFC 9110 §12.5.3",
      "/page.html",
      [["accept-encoding", "identity"]],
      { status: 200, fields: { "content-encoding": false }, body: { file: "/page.html" } },
    ),
    row(
      "redirects a folder without its slash",
      "RFC 9110 §15.4",
      "/dir",
      [],
      { status: [301, 302, 307, 308], check: "location-is-directory" },
      { level: "choice" },
    ),
    row(
      "answers a request with the fields that a browser sends",
      "RFC 9110 §9.3.1",
      FILE,
      [
        ["sec-ch-ua", '"Chromium";v="130", "Not?A_Brand";v="99"'],
        ["sec-ch-ua-mobile", "?0"],
        ["upgrade-insecure-requests", "1"],
        [
          "user-agent",
          "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
        ],
        ["accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"],
        ["sec-fetch-site", "none"],
        ["accept-encoding", "identity"],
        ["accept-language", "en-US,en;q=0.9"],
        ["priority", "u=0, i"],
      ],
      { status: 200, body: { file: FILE } },
    ),
    {
      name: "answers twenty different files at the same time, each with its own",
      section: "RFC 9113 §5",
      level: "must",
      send: Array.from({ length: 20 }, (_, index) => getOn(index * 2 + 1, EVERY_KIND[index % EVERY_KIND.length]![0])),
      expect: answersAll(
        Object.fromEntries(
          Array.from({ length: 20 }, (_, index) => [
            index * 2 + 1,
            { status: 200, body: { file: EVERY_KIND[index % EVERY_KIND.length]![1] } },
          ]),
        ),
      ),
    },
    {
      name: "answers requests of all kinds at the same time",
      section: "RFC 9113 §5",
      level: "must",
      needs: "byte-ranges",
      send: [
        getOn(1, "/large.bin"),
        getOn(3, FILE, ["range", "bytes=0-2"]),
        getOn(5, "/nothing-here"),
        headers(7, request("HEAD", "/large.bin")),
        headers(9, request("DELETE", FILE)),
        getOn(11, "/noise.bin"),
        getOn(13, FILE, ["range", "bytes=50-"]),
        getOn(15, FILE),
      ],
      expect: answersAll({
        1: { status: 200, body: { file: "/large.bin" } },
        3: { status: 206, body: { file: FILE, first: 0, last: 2 } },
        5: { status: 404 },
        7: { status: 200, body: { text: "" } },
        9: { status: [403, 405, 501] },
        11: { status: 200, body: { file: "/noise.bin" } },
        13: { status: 416 },
        15: { status: 200, body: { file: FILE } },
      }),
    },
    {
      name: "answers the same on the second request as on the first",
      section: "RFC 9110 §9.2.2",
      level: "should",
      send: [getOn(1, FILE), { awaitEnd: 1 }, getOn(3, FILE), { awaitEnd: 3 }],
      expect: answersAll({
        1: { status: 200 },
        3: { status: 200, body: { file: FILE }, check: "same-fields-as-previous" },
      }),
    },
    {
      name: "answers HEAD with the fields of GET",
      section: "RFC 9110 §9.3.2",
      level: "should",
      send: [getOn(1, FILE), { awaitEnd: 1 }, headers(3, request("HEAD", FILE))],
      expect: answersAll({ 1: { status: 200 }, 3: { status: 200, check: "same-fields-as-previous" } }),
    },
    {
      name: "answers 100 GET of the same file with the same octets",
      section: "RFC 9110 §9.3.1",
      level: "must",
      send: Array.from({ length: 100 }, (_, index) => headers(index * 2 + 1, get("/page.html"))).flatMap(
        (step, index) => (index === 90 ? [step, { awaitEnd: 1 }] : [step]),
      ),
      expect: answersAll(
        Object.fromEntries(
          Array.from({ length: 100 }, (_, index) => [index * 2 + 1, { status: 200, body: { file: "/page.html" } }]),
        ),
      ),
    },
    {
      name: "reads content of a method that it doesn't know, and answers",
      section: "RFC 9110 §9.1",
      level: "must",
      send: [headers(1, request("BREW", FILE), { end: false }), { contentOn: 1, octets: 100_000 }],
      expect: [answersOn(1, { status: ANY }), { resets: { 1: ["NO_ERROR", "CANCEL"] }, then: "open" }],
    },
    {
      name: "serves a file whose name is coded by Huffman code",
      section: "RFC 9110 §4.2.3",
      level: "must",
      send: [headers(1, [...get("/").slice(0, 3), [":path", FILE, "indexing", true]])],
      expect: serves(FILE),
    },
  ],
};
