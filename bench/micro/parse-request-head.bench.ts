/**
 * What parsing a request head costs: `bun bench/micro/parse-request-head.bench.ts`.
 *
 * The heads: the shortest that wrk sends; a browser's (14 fields); the one that picohttpparser, httparse and llhttp
 * are measured with (703 octets), so that numbers travel. Against it: the same work on one string with `indexOf` and
 * `slice`, the plain way. Both are checked to see the same fields before they are timed.
 */
import { bench, do_not_optimize, run, summary } from "mitata";
import { parseRequestHead } from "../../src/http/parse-request-head.ts";
import { RequestHead } from "../../src/http/request-head.ts";
import type { Limits } from "../../src/http/limits.ts";

const LIMITS: Limits = { headOctetsMax: 16384, targetOctetsMax: 8192, fieldCountMax: 100, contentOctetsMax: 1048576 };

const HEADS: Readonly<Record<string, string>> = {
  short: "GET /index.html HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n",
  browser: [
    "GET /assets/styles/main.css?v=20240101 HTTP/1.1",
    "Host: www.example.com",
    "Connection: keep-alive",
    "Cache-Control: max-age=0",
    'sec-ch-ua: "Chromium";v="124", "Not-A.Brand";v="99"',
    "sec-ch-ua-mobile: ?0",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Mode: no-cors",
    "Sec-Fetch-Dest: style",
    "Referer: https://www.example.com/articles/2024/index.html",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Accept-Language: en-US,en;q=0.9,de;q=0.8",
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark",
    "\r\n",
  ].join("\r\n"),
  picohttpparser:
    "GET /wp-content/uploads/2010/03/hello-kitty-darth-vader-pink.jpg HTTP/1.1\r\nHost: www.kittyhell.com\r\n" +
    "User-Agent: Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10.6; ja-JP-mac; rv:1.9.2.3) Gecko/20100401 Firefox/3.6.3 " +
    "Pathtraq/0.9\r\nAccept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n" +
    "Accept-Language: ja,en-us;q=0.7,en;q=0.3\r\nAccept-Encoding: gzip,deflate\r\n" +
    "Accept-Charset: Shift_JIS,utf-8;q=0.7,*;q=0.7\r\nKeep-Alive: 115\r\nConnection: keep-alive\r\n" +
    "Cookie: wp_ozh_wsa_visits=2; wp_ozh_wsa_visit_lasttime=xxxxxxxxxx; __utma=xxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx." +
    "xxxxxxxxxx.xxxxxxxxxx.x; __utmz=xxxxxxxxx.xxxxxxxxxx.x.x.utmccn=(referral)|utmcsr=reader.livedoor.com|" +
    "utmcct=/reader/|utmcmd=referral\r\n\r\n",
};

/** The plain way: one string, cut up. Checks nothing. */
function cutUp(bytes: Buffer): Map<string, string> {
  const text = bytes.toString("latin1");
  const fields = new Map<string, string>();
  let lineStart = text.indexOf("\r\n") + 2;
  for (;;) {
    const lineEnd = text.indexOf("\r\n", lineStart);
    if (lineEnd === lineStart) return fields;
    const colon = text.indexOf(":", lineStart);
    fields.set(text.slice(lineStart, colon).toLowerCase(), text.slice(colon + 1, lineEnd).trim());
    lineStart = lineEnd + 2;
  }
}

const head = new RequestHead(LIMITS.fieldCountMax);

function parse(bytes: Buffer): number {
  head.reset(0);
  return parseRequestHead(bytes, bytes.length, head, LIMITS);
}

for (const [name, text] of Object.entries(HEADS)) {
  const bytes = Buffer.from(text, "latin1");
  if (parse(bytes) !== bytes.length) throw new Error(`${name}: no head`);
  const expected = cutUp(bytes);
  head.eachField((field, value) => {
    if (expected.get(field.toLowerCase()) !== value) throw new Error(`${name}: ${field} differs`);
  });

  summary(() => {
    bench(`${name}: parseRequestHead (${bytes.length} octets, ${head.fieldCount} fields)`, () => {
      do_not_optimize(parse(bytes));
    }).baseline(true);
    bench(`${name}: string, indexOf and slice`, () => {
      do_not_optimize(cutUp(bytes));
    });
  });
}

await run();
