/** The workloads of TLS and HTTP/2: what is asked fits the files there are and what HTTP/2 allows. */
import { describe, expect, test } from "bun:test";
import { FILES, PAGE_FILES } from "../../bench/load/document-root.ts";
import { splitFieldLine } from "../../bench/load/http2-client.ts";
import { findMiscount } from "../../bench/load/h2load.ts";
import {
  H2_BROWSER_FIELD_LINES,
  handshakeCheck,
  octetsOfOne,
  TLS_WORKLOADS,
  type H2Workload,
  type HandshakeWorkload,
} from "../../bench/load/tls-workloads.ts";

const H2_WORKLOADS = TLS_WORKLOADS.filter((workload): workload is H2Workload => workload.client === "h2load");

test("a page has 200 files of 1 to 10 KiB", () => {
  expect(PAGE_FILES).toHaveLength(200);
  for (const { octets } of PAGE_FILES) {
    expect(octets).toBeGreaterThanOrEqual(1024);
    expect(octets).toBeLessThanOrEqual(10 * 1024);
  }
});

test("a browser's fields in HTTP/2 are 12, none of them about the connection (RFC 9113 §8.2.2)", () => {
  const names = H2_BROWSER_FIELD_LINES.map((line) => splitFieldLine(line)[0]);
  expect(names).toHaveLength(12);
  for (const name of names) expect(name).toMatch(/^(?!connection$)[a-z-]+$/);
});

test.each([
  ["Accept: */*", ["accept", "*/*"]],
  ["Referer:http://a/b:c", ["referer", "http://a/b:c"]],
])("%p as HTTP/2 has it", (line, field) => {
  expect(splitFieldLine(line)).toEqual(field as [string, string]);
});

test.each(H2_WORKLOADS.filter(({ countBy }) => countBy === "octets").map((workload) => [workload.name, workload]))(
  "%s is counted by octets of one file",
  (_, workload) => {
    expect((workload as H2Workload).files).toHaveLength(1);
    expect(octetsOfOne(workload as H2Workload, 1)).toBe((workload as H2Workload).files[0]!.octets);
  },
);

test("a handshake is checked over TLS, with a close", () => {
  const workload = TLS_WORKLOADS.find((one): one is HandshakeWorkload => one.client === "handshakes")!;
  const check = handshakeCheck(workload);
  expect([check.listener, check.closes]).toEqual(["https", true]);
  expect(check.exchanges(18_000, { entityTag: null, lastModified: null })[0]!.request).toContain("Connection: close");
});

describe("h2load's counts", () => {
  const workload = { ...H2_WORKLOADS[0]!, connections: 2, streams: 2, files: [FILES.hot] };
  const good = {
    done: 10,
    succeeded: 10,
    failed: 0,
    errored: 0,
    timedOut: 0,
    successful: 10,
    contentOctets: 10 * 1024,
    meanMicroseconds: 1,
    application: "h2",
    tls: "TLSv1.3",
  };

  test.each([
    ["fit", {}],
    ["fit with a part of what is under way", { contentOctets: 13 * 1024 }],
  ])("%s", (_, more) => {
    expect(findMiscount(workload, { ...good, ...more })).toBeNull();
  });

  test.each([
    ["too little content", { contentOctets: 9 * 1024 }, /octets of content/],
    ["more content than can be under way", { contentOctets: 15 * 1024 }, /octets of content/],
    ["HTTP/1.1 instead", { application: "http/1.1" }, /not h2/],
    ["TLS 1.2 instead", { tls: "TLSv1.2" }, /not TLSv1.3/],
  ])("show %s", (_, more, mistake) => {
    expect(findMiscount(workload, { ...good, ...more })).toMatch(mistake);
  });

  test("need no TLS where there is none", () => {
    expect(findMiscount({ ...workload, listener: "h2c" }, { ...good, application: "", tls: "" })).toBeNull();
  });
});
