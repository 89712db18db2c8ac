/** What h2load prints, read. */
import { expect, test } from "bun:test";
import { H2loadError, parseH2loadOutput } from "../../bench/load/h2load-output.ts";

const OUTPUT = `TLS Protocol: TLSv1.3
Cipher: TLS_AES_128_GCM_SHA256
Application protocol: h2

finished in 2.00s, 490000.00 req/s, 493.47MB/s
requests: 980000 total, 980512 started, 979990 done, 979985 succeeded, 5 failed, 3 errored, 2 timeout
status codes: 979980 2xx, 0 3xx, 5 4xx, 0 5xx
traffic: 986.94MB (1034882624) total, 13.09MB (13722144) headers (space savings 92.63%), 957.03MB (1003520000) data
                     min         max         mean         sd        +/- sd
time for request:      176us      6.11ms       636us       328us    90.78%
time for connect:     3.65ms      9.63ms      6.67ms      1.93ms    62.50%
`;

test("counts, octets of content and the mean time", () => {
  expect(parseH2loadOutput(OUTPUT)).toEqual({
    done: 979_990,
    succeeded: 979_985,
    failed: 5,
    errored: 3,
    timedOut: 2,
    successful: 979_980,
    contentOctets: 1_003_520_000,
    meanMicroseconds: 636,
    application: "h2",
    tls: "TLSv1.3",
  });
});

test.each([
  ["6.11ms", 6110],
  ["1.50s", 1_500_000],
])("a mean of %s", (mean, microseconds) => {
  expect(parseH2loadOutput(OUTPUT.replace("636us", mean)).meanMicroseconds).toBe(microseconds);
});

test("without TLS nothing is said of protocols", () => {
  const plain = OUTPUT.split("\n").slice(4).join("\n");
  expect(parseH2loadOutput(plain)).toMatchObject({ application: "", tls: "", done: 979_990 });
});

test.each([
  ["nothing", ""],
  ["no line of requests", OUTPUT.replace(/^requests:.*$/m, "")],
  ["no line of statuses", OUTPUT.replace(/^status codes:.*$/m, "")],
  ["no line of traffic", OUTPUT.replace(/^traffic:.*$/m, "")],
  ["not one response", OUTPUT.replace("979990 done", "0 done")],
])("refuses %s", (_, output) => {
  expect(() => parseH2loadOutput(output)).toThrow(H2loadError);
});
