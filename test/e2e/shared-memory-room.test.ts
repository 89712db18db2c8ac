/** The server's shared memory where /dev/shm, or every folder, has no room: it serves, shares limits, and says where it counts. */
import { describe, expect, test } from "bun:test";
import { PROJECT } from "../support/executable.ts";
import { runSaker, type SakerOptions, startSaker } from "../support/saker.ts";

/**
 * Mounts in a namespace of the server's own; the folder of the configuration and the site, and this checkout, wherever it is, are bound
 * to where they were.
 */
function inNamespace(...mounts: string[]): string[] {
  const keep = `mount -t tmpfs none /mnt && mkdir /mnt/0 /mnt/1 && mount --bind "$PWD" /mnt/0 && mount --bind "$0" /mnt/1`;
  const giveBack = ['"$PWD"', '"$0"'].map(
    (folder, index) => `{ [ -d ${folder} ] || mkdir -p ${folder} 2>/dev/null; mount --bind /mnt/${index} ${folder}; }`,
  );
  const script = [keep, ...mounts, ...giveBack, `cd "$PWD"`, `exec "$@"`].join(" && ");
  return ["unshare", "-m", "sh", "-c", script, PROJECT];
}

const mountAt = (folder: string, options: string) => `mount -t tmpfs -o ${options} none ${folder}`;
const SMALL_SHM = inNamespace(mountAt("/dev/shm", "size=64k"));
const SMALL = inNamespace(...["/dev/shm", "/tmp", "/var/tmp"].map((folder) => mountAt(folder, "size=64k")));
const ONLY_STATISTICS = inNamespace(mountAt("/dev/shm", "size=800k"));

const LIMITS = `
max_connections_per_ip = 3
[rate_limit]
requests_per_second = 0.001
burst = 2
max_clients = 65536
`;

function optionsOf(wrapper: readonly string[]): SakerOptions {
  const config = `num_workers = 2\n${LIMITS}`;
  return { site: { "index.html": "home" }, config, omit: ["stats_file"], wrapper, env: { TMPDIR: "/tmp" } };
}

const canMount = Bun.spawnSync([...SMALL, "true"], { cwd: "/srv", stderr: "ignore" }).exitCode === 0;
const why = canMount ? "" : " (skipped: no mounts in a namespace here)";

describe.skipIf(!canMount)(`without room in memory${why}`, () => {
  test.each([
    [
      "in /dev/shm: the temporary folder has it",
      SMALL_SHM,
      /WARN the statistics are in \/tmp\/saker-\d+\.stats \(\/dev\/shm: ENOSPC\)/,
    ],
    [
      "in any folder",
      SMALL,
      /WARN no statistics file \(\/dev\/shm: ENOSPC, \/tmp: ENOSPC, \/var\/tmp: ENOSPC\): counts are in memory/,
    ],
  ])("%s", async (_what, wrapper, warning) => {
    await using saker = await startSaker(optionsOf(wrapper));
    expect(saker.stderr).toMatch(warning);
    expect(saker.stderr.match(/WARN/g)).toHaveLength(1);
    const statuses: number[] = [];
    for (let request = 0; request < 6; request++) statuses.push((await saker.get("/")).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(2); // of both workers together
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
    saker.signal("SIGUSR1");
    await saker.printed(/\b6 requests|requests[ =:]+6\b/);
    saker.signal("SIGHUP");
    await saker.printed(/2 workers serve the new configuration/);
    expect((await saker.get("/")).status).toBe(429); // the buckets are the same
    expect(await saker.stop()).toBe(0);
  });

  test("for the tables of clients alone", async () => {
    await using saker = await startSaker(optionsOf(ONLY_STATISTICS));
    const statuses: number[] = [];
    for (let request = 0; request < 6; request++) statuses.push((await saker.get("/")).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(2);
    expect(saker.stderr).not.toContain("WARN");
    expect(await saker.stop()).toBe(0);
  });

  test("not even without a name: one line says where it was tried", async () => {
    const options = { wrapper: SMALL, cwd: "/srv", env: { SAKER_NO_FFI: "1", TMPDIR: "/tmp" } };
    const { exitCode, stderr } = await runSaker([".", "--no-config", "--port", "0"], options);
    const places = "/dev/shm: ENOSPC, /tmp: ENOSPC, /var/tmp: ENOSPC; in memory: memfd_create: ENOSYS";
    expect(stderr).toStartWith(`saker: there is no place for the statistics (${places}): make room`);
    expect(exitCode).toBe(1);
  });

  test("a file that was asked for by name is still an error", async () => {
    const argv = [".", "--no-config", "--port", "0", "--stats-file", "/dev/shm/own.stats"];
    const { exitCode, stderr } = await runSaker(argv, { wrapper: SMALL_SHM, cwd: "/srv" });
    expect(stderr).toMatch(/^saker: statistics file \/dev\/shm\/own\.stats: cannot be created with \d+ octets: ENOSPC/);
    expect(exitCode).toBe(1);
  });
});
