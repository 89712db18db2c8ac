/** Which files are the server's own. */
import { expect, test } from "bun:test";
import { loadSettings } from "../../src/config/load-settings.ts";
import { ownFilesOf } from "../../src/config/own-files.ts";

const DEFAULTS = loadSettings({ argv: ["--no-config"], env: {}, cwd: "/s" });

test("files that settings name, and the configuration", () => {
  const settings = { ...DEFAULTS, access_log: "/s/a.log", error_log: "-", pid_file: "/s/pid", stats_file: null };
  expect(ownFilesOf(settings, ["/s/saker.toml"], "/dev/shm/saker-1.stats")).toEqual([
    { path: "/s/saker.toml", what: "configuration" },
    { path: "/s/a.log", what: "access_log" },
    { path: "/s/pid", what: "pid_file" },
    { path: "/dev/shm/saker-1.stats", what: "stats_file" },
  ]);
  expect(ownFilesOf({ ...settings, access_log: false, pid_file: null }, [])).toEqual([]);
});

test("certificates, keys and authorities, wherever they are named", () => {
  const { tls, virtual_host } = DEFAULTS;
  const pair = (name: string) => ({ certificate: `/s/${name}.pem`, key: `/s/${name}.key` });
  const settings = {
    ...DEFAULTS,
    access_log: "-",
    tls: { ...tls, ...pair("a"), client_ca: "/s/ca.pem", client_crl: "/s/crl.pem", certificates: [pair("b")] },
    virtual_host: [{ ...virtual_host[0]!, ...pair("c"), client_ca: null, client_crl: null }],
  } as const;
  const files = ownFilesOf(settings, []).map(({ path, what }) => `${what} ${path}`);
  expect(files).toEqual([
    "certificate /s/a.pem",
    "key /s/a.key",
    "client_ca /s/ca.pem",
    "client_crl /s/crl.pem",
    "certificate /s/c.pem",
    "key /s/c.key",
    "certificate /s/b.pem",
    "key /s/b.key",
  ]);
});
