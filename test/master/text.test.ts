/** What the master prints: the banner and lines of statistics. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load-settings.ts";
import { type BannerFacts, formatBanner } from "../../src/master/banner.ts";
import { ADMIN, SITE } from "../../src/master/endpoints.ts";
import { formatFullStatistics, formatStatsLine } from "../../src/master/stats-line.ts";
import { Counter, Gauge, SlotState } from "../../src/stats/layout.ts";
import { noteLag } from "../../src/stats/loop-lag.ts";
import { readStatistics } from "../../src/stats/reader.ts";
import { createSegment } from "../../src/stats/segment.ts";
import type { BoundAddress } from "../../src/process/messages.ts";

const settingsOf = (...argv: string[]) => loadSettings({ argv: ["--no-config", ...argv], env: {}, cwd: "/srv" });

const site = (...addresses: BoundAddress[]) => ({ kind: SITE, addresses });

describe("formatBanner", () => {
  const facts = (argv: string[], more: Partial<BannerFacts> = {}): BannerFacts => ({
    version: "1.2.3",
    settings: settingsOf(...argv),
    configFile: null,
    workers: 4,
    endpoints: [site({ host: "127.0.0.1", port: 8080 })],
    ...more,
  });

  test("says what is served, where, by how many workers, and which safe defaults hold", () => {
    expect(formatBanner(facts(["site"]))).toEqual([
      "saker 1.2.3 listening on http://127.0.0.1:8080 (4 workers)",
      "  serves /srv/site (no configuration file)",
      "  dotfiles are hidden; symbolic links are followed inside the folder",
      "  limits: head 16 KiB, request-target 8 KiB, content 1 MiB, 16384 connections per worker, head within 10 s, idle 65 s",
      "  admin: /health /metrics /stats; the last two for 127.0.0.0/8, ::1/128, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7, fe80::/10",
    ]);
  });

  test.each<[string, BannerFacts, string]>([
    ["one worker", facts([], { workers: 1 }), "listening on http://127.0.0.1:8080 (1 worker)"],
    [
      "every address",
      facts([], { endpoints: [site({ host: "::", port: 80 })] }),
      "listening on http://localhost:80 (4 workers, every IPv4 and IPv6 address)",
    ],
    [
      "an IPv6 address",
      facts([], { endpoints: [site({ host: "::1", port: 80 })] }),
      "listening on http://[::1]:80 (4 workers)",
    ],
    ["a file", facts([], { configFile: "saker.toml" }), "(configuration saker.toml)"],
    ["dotfiles", facts(["--dotfiles"]), "dotfiles are served"],
    ["links everywhere", facts(["--follow-symlinks", "always"]), "symbolic links are followed everywhere"],
    ["no links", facts(["--follow-symlinks", "never"]), "symbolic links are not followed"],
    [
      "odd limits",
      facts(["--max-header-bytes", "1000", "--max-uri-bytes", "999"]),
      "head 1000 octets, request-target 999 octets",
    ],
    ["a prefix", facts(["--admin-prefix", "/_s"]), "admin: /_s/health /_s/metrics /_s/stats;"],
    [
      "a socket of its own",
      facts([], { endpoints: [{ kind: ADMIN, addresses: [{ host: "127.0.0.1", port: 9090 }] }] }),
      "/stats on http://127.0.0.1:9090;",
    ],
  ])("names %s", (_what, given, text) => {
    expect(formatBanner(given).join("\n")).toContain(text);
  });

  test("says what HTTPS speaks, and what becomes of plain HTTP", () => {
    const https = (...argv: string[]) => formatBanner(facts(["--https", ...argv]))[4];
    expect(https()).toBe("  HTTPS: HTTP/2 and HTTP/1.1 over TLS 1.2 or 1.3; plain HTTP is redirected to it");
    expect(https("--no-tls-redirect", "--no-http2-enabled", "--tls-min-version=1.3")).toBe(
      "  HTTPS: HTTP/1.1 over TLS 1.3; plain HTTP serves the same",
    );
  });

  test("says what holds for each client, where anything does", () => {
    const flags = ["--rate-limit-requests-per-second", "20", "--max-connections-per-ip", "9", "--proxy-protocol"];
    const lists = ["--deny-addresses", "192.0.2.0/24,::1", "--trusted-proxies", "10.0.0.0/8"];
    expect(formatBanner(facts([...flags, ...lists]))[4]).toBe(
      "  each client: 20 requests/s; 9 connections; none from 2 ranges; named by proxies in 10.0.0.0/8; PROXY protocol",
    );
  });

  test("has a first line for each address", () => {
    const addresses = [
      { host: "127.0.0.1", port: 80 },
      { host: "::1", port: 80 },
    ];
    const lines = formatBanner(facts([], { endpoints: [site(...addresses)] }));
    expect(lines[0]).toBe("saker 1.2.3 listening on http://127.0.0.1:80 (4 workers)");
    expect(lines[1]).toBe("saker 1.2.3 listening on http://[::1]:80 (4 workers)");
  });
});

describe("statistics", () => {
  const folder = mkdtempSync(join(tmpdir(), "saker-text-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const segment = createSegment(join(folder, "stats"), { slotCount: 4, workersConfigured: 2, startedMs: 100_000 });
  const path = Buffer.from("/");
  for (let worker = 0; worker < 2; worker++) {
    const slot = segment.slot(segment.claimSlot(worker, 0, 100_000));
    slot.adopt(40 + worker);
    slot.heartbeat(109_500);
    slot.state = SlotState.Ready;
    slot.values[Gauge.RssOctets] = 50 * 1_048_576;
    slot.values[Gauge.ConnectionsActive] = 3;
    slot.values[Counter.ConnectionsAccepted] = 9;
  }
  const serve = (count: number, status: number, microseconds: number, octets: number) => {
    const slot = segment.slot(0);
    for (let index = 0; index < count; index++) {
      const sequence = slot.requestStarted(0, 1, path, 0, 1);
      slot.responseStarted(status);
      slot.requestFinished(sequence, status, microseconds, octets);
    }
  };

  test("an idle server", () => {
    expect(formatStatsLine(readStatistics(segment, 110_000), null)).toBe(
      "0 requests in 10 s (0.0/s), 0.0 MiB sent, 6 connections, 2 of 2 workers, 100.0 MiB RSS",
    );
  });

  test("counts since the line before, not since the start", () => {
    serve(1000, 200, 100, 1_048_576);
    const before = readStatistics(segment, 110_000);
    serve(90, 200, 2000, 0);
    serve(9, 404, 2000, 0);
    serve(1, 503, 2000, 1_048_576);
    segment.slot(0).values[Counter.CacheHits]! += 3;
    segment.slot(0).values[Counter.CacheMisses]! += 1;
    const line = formatStatsLine(readStatistics(segment, 114_000), before);
    expect(line).toMatch(
      /^100 requests in 4 s \(25\.0\/s\), p50 (1\.9|2\.0)\d ms, p99 (1\.9|2\.0)\d ms, 9 4xx, 1 5xx, 75\.0 % cache hits, 1\.0 MiB sent, 6 connections, 2 of 2 workers/,
    );
  });

  test("every worker and their sum", () => {
    noteLag(segment.slot(0), 0.2, false);
    noteLag(segment.slot(0), 7, true);
    const lines = formatFullStatistics(readStatistics(segment, 110_000));
    const lag = /loop lag p99 6\.\d+ ms, worst 7\.00 ms, 1 pauses over 5 ms \(1 with a collection\)/;
    expect(lines[0]).toMatch(lag);
    expect(lines[1]).not.toContain("loop lag");
    expect(lines[2]).toMatch(lag);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(
      /^statistics of worker 0 \(pid 40, ready\), 1100 requests, .*0 restarts, heartbeat 0\.5 s ago$/,
    );
    expect(lines[1]).toMatch(
      /^statistics of worker 1 \(pid 41, ready\), 0 requests, 0\.0 MiB sent, 3 of 9 connections open/,
    );
    expect(lines[2]).toMatch(/^statistics of all workers since the start, 10 s ago, 1100 requests, .*2 of 2 workers$/);
  });
});
