/** Malformed requests: the right status, one answer, then the connection is closed (RFC 9112 §2.2, §3, §5, §6, §7). */
import { describe, expect, test } from "bun:test";
import { until } from "../support/deadline.ts";
import { requestOctets } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const server = useSaker({
  config: "max_uri_bytes = 1000\nmax_header_bytes = 4000\nmax_body_bytes = 10000",
  site: { "index.html": "home" },
});

const head = (...lines: string[]) => ["GET / HTTP/1.1", "Host: a", ...lines, "", ""].join("\r\n");
const post = (...lines: string[]) => ["POST / HTTP/1.1", "Host: a", ...lines, "", ""].join("\r\n");
const chunked = (body: string) => post("Transfer-Encoding: chunked") + body;

const ROWS: [what: string, octets: string, status: number][] = [
  // Request line
  ["HTTP/0.9", "GET /\r\n\r\n", 400],
  ["no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["two spaces before the target", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["two spaces after the target", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["a tab for a space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["a space at the end", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400],
  ["a space at the start", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["no version", "GET / \r\nHost: a\r\n\r\n", 400],
  ["a lower-case name of the protocol", "GET / http/1.1\r\nHost: a\r\n\r\n", 400],
  ["another protocol", "GET / ICY/1.1\r\nHost: a\r\n\r\n", 400],
  ["a version without a dot", "GET / HTTP/11\r\nHost: a\r\n\r\n", 400],
  ["a version of three digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400],
  ["version 2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505],
  ["version 3.0", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505],
  ["the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
  ["a method with a character that is no tchar", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["a method of control characters", "\x01\x02 / HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["an endless method", `${"A".repeat(500)} / HTTP/1.1\r\nHost: a\r\n\r\n`, 501],
  ["a target in asterisk-form with GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["a target in authority-form with GET", "GET example.org:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["a relative target", "GET index.html HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["a target with a fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["absolute-form with an octet beyond ASCII", "GET http://a/\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["a target with a backslash", "GET /..\\ HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["a target with a NUL", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["userinfo in the target (RFC 9110 §4.2.4)", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["a target longer than max_uri_bytes", `GET /${"a".repeat(1000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
  ["CONNECT", "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n", 405],
  ["a TLS handshake", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400],
  ["a bare CR", "GET / HTTP/1.1\rHost: a\r\r", 400],
  ["bare LFs", "GET / HTTP/1.1\nHost: a\n\n", 400],
  // Field section
  ["no Host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["two Hosts", head("Host: a"), 400],
  ["two Hosts in one", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400],
  ["an empty Host (RFC 9110 §4.2.1: an http URI has one)", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400],
  ["a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400],
  ["a Host with userinfo", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400],
  ["a Host with a port that is no number", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400],
  ["a space before the colon", head("A : b"), 400],
  ["a tab before the colon", head("A\t: b"), 400],
  ["a space before the first name", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400],
  ["obs-fold", head("A: b", " c"), 400],
  ["no colon", head("A"), 400],
  ["an empty name", head(": b"), 400],
  ["a name with a character that is no tchar", head("A(b): c"), 400],
  ["a name beyond ASCII", head("\xe4: c"), 400],
  ["a NUL in a value", head("A: b\0c"), 400],
  ["a control character in a value", head("A: b\x07c"), 400],
  ["a DEL in a value", head("A: b\x7fc"), 400],
  ["a CR in a value", head("A: b\rc"), 400],
  ["an LF in a value", head("A: b\nc"), 400],
  ["a head larger than max_header_bytes", head(`A: ${"b".repeat(4000)}`), 431],
  ["a thousand fields", head(...Array.from({ length: 1000 }, () => "A:")), 431],
  // Message framing
  ["two Content-Lengths", post("Content-Length: 0", "Content-Length: 1"), 400],
  ["two equal Content-Lengths", post("Content-Length: 0", "Content-Length: 0"), 400],
  ["a list of Content-Lengths", post("Content-Length: 0, 0"), 400],
  ["an empty Content-Length", post("Content-Length: "), 400],
  ["a negative Content-Length", post("Content-Length: -1"), 400],
  ["a Content-Length with a sign", post("Content-Length: +0"), 400],
  ["a hexadecimal Content-Length", post("Content-Length: 0x0"), 400],
  ["a Content-Length with a fraction", post("Content-Length: 0.0"), 400],
  ["a Content-Length with a space inside", post("Content-Length: 0 0"), 400],
  ["a Content-Length over max_body_bytes", post("Content-Length: 10001"), 413],
  ["a Content-Length beyond 2^64", post("Content-Length: 18446744073709551617"), 413],
  ["Content-Length and Transfer-Encoding", post("Content-Length: 0", "Transfer-Encoding: chunked"), 400],
  ["Transfer-Encoding and Content-Length", post("Transfer-Encoding: chunked", "Content-Length: 0"), 400],
  ["an unknown coding before chunked", post("Transfer-Encoding: gzip, chunked"), 501],
  ["an unknown coding alone", post("Transfer-Encoding: gzip"), 400],
  ["chunked that is not last", post("Transfer-Encoding: chunked, gzip"), 400],
  ["chunked twice", post("Transfer-Encoding: chunked, chunked"), 400],
  ["chunked in two lines", post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), 400],
  ["chunked misspelt with a vertical tab", post("Transfer-Encoding: \x0bchunked"), 400],
  ["chunked quoted", post('Transfer-Encoding: "chunked"'), 400],
  ["identity", post("Transfer-Encoding: identity"), 400],
  ["Transfer-Encoding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400],
  ["an unknown expectation", post("Expect: 200-ok", "Content-Length: 0"), 417],
  // Chunks
  ["a chunk size that is no number", chunked("g\r\n"), 400],
  ["an empty chunk size", chunked("\r\n"), 400],
  ["a negative chunk size", chunked("-1\r\n"), 400],
  ["a chunk size with 0x", chunked("0x1\r\na\r\n0\r\n\r\n"), 400],
  ["a chunk size with a space before it", chunked(" 1\r\na\r\n0\r\n\r\n"), 400],
  ["a chunk size beyond 2^64", chunked("10000000000000001\r\na\r\n0\r\n\r\n"), 413],
  ["a chunk longer than its size", chunked("1\r\nab\r\n0\r\n\r\n"), 400],
  ["a chunk ended by a bare LF", chunked("1\r\na\n0\r\n\r\n"), 400],
  ["a chunk size line ended by a bare LF", chunked("1\na\r\n0\r\n\r\n"), 400],
  ["chunks over max_body_bytes together", chunked(`1388\r\n${"a".repeat(5000)}\r\n`.repeat(3)), 413],
  ["one chunk over max_body_bytes", chunked("fffffff\r\n"), 413],
  ["endless chunk extensions", chunked(`1;${"a".repeat(20_000)}\r\na\r\n0\r\n\r\n`), 400],
  ["a control character in a chunk extension", chunked("1;a\x01\r\na\r\n0\r\n\r\n"), 400],
  ["a malformed trailer", chunked("0\r\nA b\r\n\r\n"), 400],
  ["a folded trailer", chunked("0\r\nA: b\r\n c\r\n\r\n"), 400],
  ["an endless trailer section", chunked(`0\r\n${"A: b\r\n".repeat(10_000)}\r\n`), 431],
];

/** The answers to `octets`, as far as they go; the connection must end in an orderly way, by the server alone. */
async function answersTo(octets: string, pieceOctets = octets.length): Promise<number[]> {
  await using client = await server.saker.connect();
  const sending = client.sendInPieces(octets, pieceOctets).catch(() => {}); // It may have been refused before its end.
  const statuses: number[] = [];
  for (;;) {
    const response = await client.readResponse();
    statuses.push(response.status);
    if (response.field("Connection") === "close") break;
  }
  await client.expectClose();
  await sending;
  return statuses;
}

describe.each(ROWS)("%s", (_, octets, status) => {
  // A method that is only not allowed is no reason to close; the octets after it would be answered.
  const closing = status === 405 ? octets.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n") : octets;

  test(`gets ${status} and a close`, async () => {
    const statuses = await answersTo(closing + requestOctets("/"));
    expect(statuses.at(-1)).toBe(status);
    // A message with a faulty body may have been answered already when the fault came; nothing else may be answered.
    expect(statuses.slice(0, -1).filter((status) => status !== 405)).toEqual([]);
  });

  test("gets the same octet by octet, as far as it is read", async () => {
    // Behind a closing request not a single octet may follow: it could meet a socket that is closed already.
    const more = status === 405 || closing.length > 500 ? "" : "\r\n";
    const statuses = await answersTo(closing + more, closing.length > 500 ? 499 : 1);
    expect(statuses.at(-1)).toBe(status);
  });
});

describe("odd but right", () => {
  test.each([
    ["empty lines before the request line (RFC 9112 §2.2)", `\r\n\r\n${head()}`],
    ["a lower-case name", "GET / HTTP/1.1\r\nhost: a\r\n\r\n"],
    ["no space after the colon", "GET / HTTP/1.1\r\nHost:a\r\n\r\n"],
    ["spaces and tabs around a value", "GET / HTTP/1.1\r\nHost: \t a \t \r\n\r\n"],
    ["an empty value", head("A:")],
    ["a Host with a port", "GET / HTTP/1.1\r\nHost: a:8080\r\n\r\n"],
    ["a Host that is an IPv6 address", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"],
    ["obs-text in a value", head("A: \xe4\xff")],
    ["every tchar in a name", head("!#$%&'*+-.^_`|~0aZ: b")],
    ["absolute-form, whose authority wins over Host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a later minor version (RFC 9110 §2.5)", "GET / HTTP/1.9\r\nHost: a\r\n\r\n"],
    ["GET with content", `${head("Content-Length: 3")}abc`],
    ["octets that no URI holds", 'GET /{|}/..?"<\xc3\xbc>\\ HTTP/1.1\r\nHost: a\r\n\r\n'],
    ["a target of just max_uri_bytes", `GET /?${"a".repeat(998)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    ["a hundred fields", head(...Array.from({ length: 98 }, (_, index) => `A${index}: b`))],
  ])("%s", async (_, octets) => {
    await using client = await server.saker.connect();
    expect((await client.request(octets)).status).toBe(200);
    expect((await client.request(requestOctets("/"))).text).toBe("home");
  });
});

test("the answer reaches a client that is still sending a big body (lingering close, RFC 9112 §9.6)", async () => {
  for (const octets of [post("Content-Length: 50000000"), chunked("2faf080\r\n"), "BAD\r\n\r\n"]) {
    await using client = await server.saker.connect();
    // The client pays no attention to the answer before it has sent this; an early close would reset it away.
    await client.send(octets);
    await client.send("x".repeat(3_000_000)).catch(() => {});
    const response = await client.readResponse();
    expect(response.status).toBe(octets.startsWith("BAD") ? 400 : 413);
    expect(response.field("Connection")).toBe("close");
  }
});

test("malformed requests are counted, and the server is well", async () => {
  await until(async () => {
    const metrics = await server.saker.metrics();
    return metrics.sum("http_responses_total", { code: "400" }) > 50;
  }, "the 400s are in the statistics");
  expect(server.saker.workerPids().length).toBe(1);
});
