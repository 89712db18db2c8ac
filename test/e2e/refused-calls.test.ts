/** A sandbox that refuses system calls costs speed, and no response: files, ranges and the log are as everywhere. */
import { describe, expect, test } from "bun:test";
import { until } from "../support/deadline.ts";
import { randomOctets } from "../support/octets.ts";
import { canRefuse, refusing } from "../support/refuse-calls.ts";
import { type Saker, startSaker } from "../support/saker.ts";

const LARGE = randomOctets(300_000, 1);
const MEDIUM = randomOctets(40_000, 2);
const SITE = { "index.html": "home", "large.bin": LARGE, "medium.bin": MEDIUM };

const EPERM = 1;
const ENOSYS = 38;
const EOPNOTSUPP = 95;

/** By the numbers of x86-64. */
const SENDFILE = "40";
const SEND_MORE = "44:3:32768"; // sendto with MSG_MORE among its flags
const STATX = "332";
const OPENAT2 = "437";
const PREADV2 = "327";
const MEMFD_CREATE = "319";

const isPossible = canRefuse();

async function startRefusing(errno: number, calls: string): Promise<Saker> {
  // Above 64 KiB, and not to be kept in memory.
  const config = 'access_log = "-"\nmax_cached_file_kb = 64\n';
  return await startSaker({ site: SITE, config, wrapper: refusing(errno, calls) });
}

const ROWS: [string, number, string, RegExp | null][] = [
  ["sendfile, ENOSYS", ENOSYS, SENDFILE, /sendfile\(2\) is refused here \(ENOSYS\)/g],
  ["sendfile, EOPNOTSUPP", EOPNOTSUPP, SENDFILE, /sendfile\(2\) is refused here \(EOPNOTSUPP\)/g],
  ["sendfile, EPERM", EPERM, SENDFILE, /sendfile\(2\) is refused here \(EPERM\)/g],
  ["send with MSG_MORE", EOPNOTSUPP, SEND_MORE, /MSG_MORE is refused here \(EOPNOTSUPP\)/g],
  ["statx", EPERM, STATX, null],
  ["openat2", EPERM, OPENAT2, null],
  ["openat2, ENOSYS", ENOSYS, OPENAT2, null],
  ["preadv2", EPERM, PREADV2, null],
  [
    "all of them",
    EPERM,
    [SENDFILE, SEND_MORE, STATX, OPENAT2, PREADV2, MEMFD_CREATE].join(),
    /sendfile\(2\) is refused/g,
  ],
];

describe.skipIf(!isPossible)(`refused${isPossible ? "" : " (skipped: no filters of system calls here)"}`, () => {
  test.concurrent.each(ROWS)("%s", async (_what, errno, calls, warning) => {
    await using saker = await startRefusing(errno, calls);
    for (let turn = 0; turn < 2; turn++) {
      expect((await saker.get("/")).text).toBe("home");
      expect(LARGE.equals((await saker.get("/large.bin")).body)).toBe(true);
      expect(MEDIUM.equals((await saker.get("/medium.bin")).body)).toBe(true);
      const range = await saker.get("/large.bin", ["Range: bytes=100000-299999"]);
      expect(range.status).toBe(206);
      expect(LARGE.subarray(100_000).equals(range.body)).toBe(true);
      const several = await saker.get("/large.bin", ["Range: bytes=0-99,100000-299999"]);
      expect(several.body.length).toBeGreaterThan(200_100);
    }
    const logged = () => saker.stdout.match(/"GET \/large.bin HTTP\/1.1" 200 300000/g)?.length;
    await until(
      () => logged() === 2,
      () => `both are logged\n${saker.output}`,
    );
    if (warning !== null) expect(saker.stderr.match(warning)).toHaveLength(1);
    else expect(saker.stderr).not.toMatch(/WARN|ERROR/);
    expect(await saker.stop()).toBe(0);
  });
});
