import { describe, expect, test } from "bun:test";
import { examine } from "../../../src/cli/doctor/examine.ts";
import type { Facts } from "../../../src/cli/doctor/facts.ts";
import type { Finding, Level } from "../../../src/cli/doctor/finding.ts";
import { OTHER_DESCRIPTORS } from "../../../src/cli/doctor/limits.ts";
import type { Settings } from "../../../src/config/settings.ts";
import { DEFAULTS, factsWith, FOLDER, GOOD, PAGE, settingsWith, WWW } from "./facts.ts";

type Changes = Parameters<typeof factsWith>[0];

function find(what: string, changes: Changes, settings: Partial<Settings> = {}): Finding {
  const findings = examine(settingsWith(settings), factsWith(changes));
  const matching = findings.filter((finding) => finding.what === what);
  if (matching.length !== 1) throw new Error(`${matching.length} findings about ${what}`);
  return matching[0]!;
}

test("on a good machine everything is ok, and each thing is said once", () => {
  const findings = examine(DEFAULTS, GOOD);
  expect(findings.filter(({ level }) => level !== "ok")).toEqual([]);
  expect(findings.map(({ what }) => what)).toEqual([
    "system",
    "foreign functions",
    "statx",
    "sendfile",
    "SO_REUSEPORT",
    "openat2",
    "clock",
    "confinement",
    "user",
    "document_root",
    "statistics file",
    "CPUs",
    "memory",
    "descriptors",
    "backlog",
    "port 8080",
    "ephemeral ports",
  ]);
});

const noFunctions = { hasForeignFunctions: false };
const kernel = GOOD.platform.kernel;
const closed = { ...FOLDER, mode: 0o40700 };
const root = GOOD.roots[0]!;
const asRoot = { isRoot: true };

describe("findings", () => {
  test.each<[what: string, level: Level, measured: string, changes: Changes, settings: Partial<Settings>]>([
    ["system", "warn", "darwin 24 arm64", { platform: { isLinux: false, release: "darwin 24 arm64" } }, {}],
    ["foreign functions", "warn", "none", { platform: noFunctions }, {}],
    ["foreign functions", "warn", "turned off", { platform: { ...noFunctions, areTurnedOff: true } }, {}],
    ["statx", "warn", "not available", { platform: { kernel: { ...kernel, statx: false } } }, {}],
    ["sendfile", "warn", "not available", { platform: { kernel: { ...kernel, sendfile: false } } }, {}],
    ["SO_REUSEPORT", "warn", "not available", { platform: { kernel: { ...kernel, reusePort: false } } }, {}],
    ["openat2", "ok", "not available", { platform: { kernel: { ...kernel, openat2: false } } }, {}],
    ["confinement", "ok", "Landlock version 6: workers read /srv, write /var/log/saker", {}, {}],
    ["confinement", "ok", "turned off", { platform: { kernel: { ...kernel, landlock: 0 } } }, { confine: false }],
    ["confinement", "warn", "no Landlock", { platform: { kernel: { ...kernel, landlock: 0 } } }, {}],
    ["confinement", "fail", "no Landlock", { platform: { kernel: { ...kernel, landlock: 0 } } }, { confine: true }],
    ["confinement", "warn", "no foreign functions", { platform: noFunctions, confined: null }, {}],

    ["clock", "ok", "2026-01-02T03:04:05Z, synchronized", {}, {}],
    ["clock", "ok", "2026-01-02T03:04:05Z", { clock: { isSynchronized: null } }, {}],
    ["clock", "warn", "2026-01-02T03:04:05Z, not synchronized", { clock: { isSynchronized: false } }, {}],
    ["clock", "ok", "1970-01-01T00:00:00Z, synchronized", { clock: { nowMs: 0, newestFileMs: 60_000 } }, {}],
    [
      "clock",
      "fail",
      "1970-01-01T00:00:00Z, but a file is from 2026-01-01T00:00:00Z",
      { clock: { nowMs: 0, isSynchronized: false } },
      {},
    ],

    ["user", "ok", "uid 33, not root", {}, {}],
    ["user", "warn", "root", { identity: asRoot }, {}],
    ["user", "ok", "workers run as www", { identity: asRoot }, { user: "www" }],
    ["user", "ok", "workers run as www", { identity: asRoot }, { group: "www" }],
    ["user", "fail", "www is configured", {}, { user: "www" }],
    ["user", "fail", 'no user "www"', { identity: { worker: null, problem: 'no user "www"' } }, { user: "www" }],

    ["document_root", "ok", "/srv is readable", {}, {}],
    ["document_root", "fail", "/srv does not exist", { roots: [{ ...root, problem: "does not exist" }] }, {}],
    ["document_root", "fail", "www may not enter /srv", { roots: [{ ...root, way: [closed] }] }, {}],
    [
      "document_root",
      "fail",
      "www may not enter /srv",
      { roots: [{ ...root, way: [{ ...FOLDER, mode: 0o711 }] }] },
      {},
    ],
    [
      "document_root",
      "fail",
      "www may not enter /home/me",
      { roots: [{ ...root, way: [{ ...closed, path: "/home/me" }, FOLDER] }] },
      {},
    ],
    [
      "document_root",
      "ok",
      "/srv is readable",
      { roots: [{ ...root, way: [{ ...FOLDER, path: "/", mode: 0o711 }, FOLDER] }] },
      {},
    ],
    [
      "document_root",
      "warn",
      "1 of 2 sampled files can't be read, /srv/key for one",
      { roots: [{ ...root, sample: [PAGE, { ...PAGE, path: "/srv/key", mode: 0o100600 }] }] },
      {},
    ],

    [
      "access_log",
      "ok",
      "/log/a can be written",
      { files: [{ setting: "access_log", path: "/log/a", problem: "" }] },
      {},
    ],
    [
      "access_log",
      "fail",
      "/log/a lies on a file system that is mounted read-only",
      {
        files: [{ setting: "access_log", path: "/log/a", problem: "lies on a file system that is mounted read-only" }],
      },
      {},
    ],

    ["statistics file", "ok", "/dev/shm, 65536 KiB free, 684 KiB needed", {}, {}],
    ["statistics file", "ok", "/dev/shm", { statistics: { freeOctets: null } }, {}],
    ["statistics file", "fail", "/dev/shm, 683 KiB free, 684 KiB needed", { statistics: { freeOctets: 699_999 } }, {}],
    ["statistics file", "fail", "/dev/shm can't be written", { statistics: { problem: "can't be written" } }, {}],
    [
      "statistics file",
      "warn",
      "/dev/shm has no room, 684 KiB needed",
      { statistics: { freeOctets: 699_999, isConfigured: false } },
      {},
    ],
    [
      "statistics file",
      "warn",
      "/dev/shm can't be written, 684 KiB needed",
      { statistics: { problem: "can't be written", isConfigured: false } },
      {},
    ],
    [
      "statistics file",
      "warn",
      "/tmp, 65536 KiB free, 684 KiB needed",
      { statistics: { folder: "/tmp", isInMemory: false } },
      {},
    ],

    ["CPUs", "ok", "4 workers on 4 CPUs", {}, {}],
    ["CPUs", "ok", "1 worker on 1 CPU, quota 1.5", { workers: 1, processors: { usable: 1, quota: 1.5 } }, {}],
    ["CPUs", "warn", "4 workers on 2 CPUs, quota 2", { processors: { usable: 2, quota: 2 } }, {}],
    ["CPUs", "warn", "1 worker on 1 CPU, quota 0.25", { workers: 1, processors: { usable: 1, quota: 0.25 } }, {}],
    ["CPUs", "warn", "2 workers on 4 CPUs", { workers: 2 }, { num_workers: 2 }],
    [
      "CPUs",
      "warn",
      "2 workers on 4 CPUs: 400 MiB of memory carry no more full caches",
      { workers: 2, workersBy: "memory", memoryOctets: 400 * 1024 ** 2 },
      {},
    ],
    ["CPUs", "ok", "3 workers on 4 CPUs", { workers: 3 }, { num_workers: 3 }],

    ["memory", "ok", "440 MiB with full caches, of 8192 MiB", {}, {}],
    ["memory", "warn", "440 MiB with full caches, of 512 MiB", { memoryOctets: 512 * 1024 ** 2 }, {}],
    ["memory", "warn", "8240 MiB with full caches, of 8192 MiB", {}, { cache_size_mb: 2000 }],

    [
      "descriptors",
      "ok",
      `17920 per process, 17920 needed for max_connections`,
      { descriptorsMax: 16_384 + OTHER_DESCRIPTORS },
      {},
    ],
    ["descriptors", "ok", "no limit per process, 17920 needed for max_connections", { descriptorsMax: Infinity }, {}],
    ["descriptors", "warn", "1024 per process, 17920 needed for max_connections", { descriptorsMax: 1024 }, {}],
    [
      "descriptors",
      "ok",
      "2048 per process, 2036 needed for max_connections",
      { descriptorsMax: 2048 },
      { max_connections: 500 },
    ],

    ["backlog", "ok", "net.core.somaxconn is 1024", { backlogMax: 1024 }, {}],
    ["backlog", "warn", "net.core.somaxconn is 128", { backlogMax: 128 }, {}],

    [
      "tracking",
      "ok",
      "net.netfilter.nf_conntrack_max is 65536, 65536 connections are allowed",
      { trackedConnectionsMax: 65_536 },
      {},
    ],
    [
      "tracking",
      "warn",
      "net.netfilter.nf_conntrack_max is 65535, 65536 connections are allowed",
      { trackedConnectionsMax: 65_535 },
      {},
    ],

    ["port 80", "fail", "ports below 1024 need root", {}, { port: 80 }],
    ["port 80", "ok", "this user may listen on it", { ports: { canTakeAny: true } }, { port: 80 }],
    ["port 80", "ok", "this user may listen on it", { ports: { unprivilegedFirst: 80 } }, { port: 80 }],
    ["port 80", "ok", "this user may listen on it", { ports: { unprivilegedFirst: null } }, { port: 80 }],
    ["port 443", "fail", "ports below 1024 need root", {}, { admin_listen: "127.0.0.1:443" }],
    ["port 443", "fail", "ports below 1024 need root", {}, { tls: { ...DEFAULTS.tls, port: 443, self_signed: true } }],
    ["port 8443", "ok", "this user may listen on it", {}, { tls: { ...DEFAULTS.tls, self_signed: true } }],
    ["port 32768", "warn", "an outgoing connection may hold it (32768-60999)", {}, { port: 32_768 }],
    ["port 60999", "warn", "an outgoing connection may hold it (32768-60999)", {}, { port: 60_999 }],
    ["port 61000", "ok", "this user may listen on it", {}, { port: 61_000 }],
    ["port 40000", "ok", "this user may listen on it", { ports: { reserved: [[39_000, 40_000]] } }, { port: 40_000 }],

    ["ephemeral ports", "ok", "32768-60999, 28232 for outgoing connections", {}, {}],
    [
      "ephemeral ports",
      "warn",
      "50000-51000, 1001 for outgoing connections",
      { ports: { ephemeral: [50_000, 51_000] } },
      {},
    ],
  ])("%s: %s, %s", (what, level, measured, changes, settings) => {
    const finding = find(what, changes, settings);
    expect({ level: finding.level, measured: finding.measured }).toEqual({ level, measured });
    expect(finding.advice !== "").toBe(level !== "ok");
  });
});

describe("what a system doesn't tell is passed over", () => {
  test.each<[string, Partial<Facts>]>([
    ["memory", { memoryOctets: null }],
    ["descriptors", { descriptorsMax: null }],
    ["backlog", { backlogMax: null }],
    ["ephemeral ports", { ports: { ...GOOD.ports, ephemeral: null } }],
    ["port 8080", {}],
  ])("%s", (what, changes) => {
    const settings = what === "port 8080" ? settingsWith({ port: 0 }) : DEFAULTS;
    expect(examine(settings, { ...GOOD, ...changes }).map((finding) => finding.what)).not.toContain(what);
  });

  test("without Linux, the kernel", () => {
    const whats = examine(DEFAULTS, factsWith({ platform: { isLinux: false } })).map(({ what }) => what);
    expect(whats).not.toContain("statx");
    expect(whats).toContain("clock");
  });
});

test("every virtual host's root is looked at", () => {
  const roots = [root, { ...root, what: "root of a.example", path: "/a", problem: "is not a folder" }];
  expect(find("root of a.example", { roots })).toMatchObject({ level: "fail", measured: "/a is not a folder" });
  expect(find("document_root", { roots }).level).toBe("ok");
});

test("advice is one sentence or more, and columns can be told apart", () => {
  const bad = factsWith({
    processors: { usable: 1 },
    descriptorsMax: 1,
    backlogMax: 1,
    memoryOctets: 1,
    trackedConnectionsMax: 1,
    identity: { isRoot: true, worker: WWW },
    platform: { kernel: { statx: false, sendfile: false, reusePort: false, openat2: false, landlock: 0 } },
    clock: { isSynchronized: false },
  });
  for (const { what, measured, advice } of examine(settingsWith({ port: 80 }), bad)) {
    expect(advice).toMatch(/^$|^[A-Z].*\.$/);
    expect(`${what}${measured}${advice}`).not.toMatch(/ {2}|[\n\t]/);
  }
});

describe("certificates", () => {
  const file = {
    what: "certificate",
    path: "/a.pem",
    problem: "",
    warnings: [],
    summary: "a, until 2030-01-01",
  } as const;

  test("good ones", () => {
    expect(find("certificate", { certificates: [{ ...file, keyText: "ECDSA P-256" }] })).toMatchObject({
      level: "ok",
      measured: "/a.pem: a, until 2030-01-01, ECDSA P-256",
    });
  });

  test("one that can't be served", () => {
    const certificates = [{ ...file, problem: "key /a.key does not exist", keyText: "" }];
    expect(find("certificate", { certificates })).toMatchObject({
      level: "fail",
      measured: "key /a.key does not exist",
    });
  });

  test("what clients stumble over, with what to do", () => {
    const warnings = [{ text: "certificate /a.pem expires on 2030-01-01", advice: "Renew it." }];
    expect(find("certificate", { certificates: [{ ...file, warnings, keyText: "ECDSA P-256" }] })).toEqual({
      level: "warn",
      what: "certificate",
      measured: "certificate /a.pem expires on 2030-01-01",
      advice: "Renew it.",
    });
  });

  test("what RSA costs", () => {
    expect(find("certificate", { certificates: [{ ...file, keyText: "RSA 2048" }] })).toMatchObject({
      level: "warn",
      measured: expect.stringContaining("3 times as much CPU"),
    });
  });
});
