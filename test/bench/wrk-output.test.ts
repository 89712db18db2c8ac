/** wrk's report and the script that makes it write exact numbers. */
import { describe, expect, test } from "bun:test";
import { parseWrkOutput, RESULT_FIELDS, socketErrors, WrkError } from "../../bench/load/wrk-output.ts";
import { luaString, repeatScript, sequenceScript } from "../../bench/load/wrk-script.ts";

const OUTPUT = `Running 8s test @ http://127.0.0.1:18000/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    75.79us  313.91us   4.12ms   97.78%
  340672 requests in 3.10s, 46.46MB read
Requests/sec: 308864.51
saker-bench 340672 48716096 3102982 27 1947 4120 1 2 3 4 5
`;

describe("parseWrkOutput", () => {
  test("takes the exact line, not the rounded text", () => {
    expect(parseWrkOutput(OUTPUT)).toEqual({
      responses: 340672,
      octets: 48716096,
      microseconds: 3102982,
      p50Microseconds: 27,
      p99Microseconds: 1947,
      maxMicroseconds: 4120,
      connectErrors: 1,
      readErrors: 2,
      writeErrors: 3,
      timeouts: 4,
      statusErrors: 5,
    });
  });

  test("counts socket errors without the status errors", () => {
    expect(socketErrors(parseWrkOutput(OUTPUT))).toBe(10);
  });

  test.each([
    ["nothing", ""],
    ["no result line", "unable to connect to 127.0.0.1:18000 Connection refused\n"],
    ["a line cut short", "saker-bench 1 2 3\n"],
    ["a number too many", `saker-bench ${"1 ".repeat(12)}\n`],
    ["a negative number", "saker-bench 340672 48716096 -1 27 1947 4120 1 2 3 4 5\n"],
    ["a word", "saker-bench 340672 48716096 nan 27 1947 4120 1 2 3 4 5\n"],
    ["the mark inside a line", "x saker-bench 340672 48716096 3102982 27 1947 4120 1 2 3 4 5\n"],
  ])("refuses %s", (_description, output) => {
    expect(() => parseWrkOutput(output)).toThrow(WrkError);
  });
});

describe("the script", () => {
  test.each([
    ["plain text", "GET /", '"GET /"'],
    ["line ends", "a\r\nb", '"a\\013\\010b"'],
    ["quotes and backslashes", 'a"\\', '"a\\034\\092"'],
    ["a digit after an escape stays a digit", "\n1", '"\\0101"'],
    ["octets beyond ASCII", "\u00ff\u0000", '"\\255\\000"'],
  ])("writes %s as a Lua string", (_description, text, literal) => {
    expect(luaString(text)).toBe(literal);
  });

  test("reports as many values as are read", () => {
    const format = /saker-bench ((?:%d ?)+)/.exec(repeatScript("x"))![1]!;
    expect(format.trim().split(" ")).toHaveLength(RESULT_FIELDS.length);
  });

  test("of one request leaves wrk in its static mode", () => {
    expect(repeatScript("GET / HTTP/1.1\r\n\r\n")).not.toContain("function request()");
  });

  test("of a sequence counts from one, as Lua does", () => {
    expect(sequenceScript(["a", "b"], [1, 0, 1])).toContain("local sequence = {2,1,2}");
  });
});

describe.if(Bun.which("wrk") !== null)("wrk itself", () => {
  test.each([
    ["a request", repeatScript("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")],
    ["a pipeline", repeatScript("GET /x HTTP/1.1\r\nHost: a\r\n\r\n".repeat(4))],
    [
      "a sequence",
      sequenceScript(["GET /x HTTP/1.1\r\nHost: a\r\n\r\n", "GET /y HTTP/1.1\r\nHost: a\r\n\r\n"], [0, 1]),
    ],
  ])("sends %s octet for octet and reports", async (_description, script) => {
    const seen = new Set<string>();
    using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch(request) {
        seen.add(`${new URL(request.url).pathname} ${request.headers.get("host")}`);
        return new Response("hello");
      },
    });
    const path = `${Bun.env.TMPDIR ?? "/tmp"}/saker-bench-script-${process.pid}.lua`;
    await Bun.write(path, script);
    const wrk = Bun.spawn(["wrk", "-t1", "-c1", "-d1s", "-s", path, `http://127.0.0.1:${server.port}/`]);
    const result = parseWrkOutput(await new Response(wrk.stdout).text());
    await Bun.file(path).delete();
    expect(result.responses).toBeGreaterThan(0);
    expect(socketErrors(result) + result.statusErrors).toBe(0);
    expect([...seen].every((line) => line.endsWith(" a"))).toBe(true);
    expect(seen.has("/x a")).toBe(true);
  });
});
