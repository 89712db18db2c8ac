/** Settings about clients' addresses: what is read, and where a mistake is pointed at. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfiguration } from "../../src/config/load-settings.ts";
import type { Settings } from "../../src/config/settings.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "saker-client-tables-")));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function load(file: string, argv: readonly string[] = [], env: Record<string, string> = {}): Settings {
  writeFileSync(join(FOLDER, "a.toml"), file);
  return loadConfiguration({ argv: ["--config", "a.toml", ...argv], env, cwd: FOLDER }).settings;
}

test("nothing of it is on by itself", () => {
  expect(load("")).toMatchObject({
    max_connections_per_ip: 0,
    trusted_proxies: [],
    proxy_protocol: false,
    rate_limit: { requests_per_second: 0, allow: [] },
    deny: { addresses: [] },
    allow: { addresses: [] },
  });
});

test("a whole section, flags and variables", () => {
  const settings = load(
    `
proxy_protocol = true
trusted_proxies = ["10.0.0.0/8", "fd00::/8"]
[rate_limit]
requests_per_second = 2.5
[deny]
addresses = ["203.0.113.7"]
`,
    ["--rate-limit-burst", "9", "--allow-addresses", "192.0.2.0/24,::1"],
    { SAKER_MAX_CONNECTIONS_PER_IP: "20" },
  );
  expect(settings).toMatchObject({
    max_connections_per_ip: 20,
    trusted_proxies: ["10.0.0.0/8", "fd00::/8"],
    proxy_protocol: true,
    rate_limit: { requests_per_second: 2.5, burst: 9 },
    deny: { addresses: ["203.0.113.7"] },
    allow: { addresses: ["192.0.2.0/24", "::1"] },
  });
});

test.each([
  ['trusted_proxies = ["10.0.0.0/8", "10.0.0.0/33"]', "a.toml:1:34: each item of trusted_proxies must be an address"],
  ['[deny]\naddresses = ["example.com"]', "a.toml:2:14: each item of addresses must be an address or a range"],
  ['[allow]\naddresses = [\n  "::1",\n  "fe80::1%eth0",\n]', "a.toml:4:3: each item of addresses must be"],
  ["[rate_limit]\nburst = 0", "a.toml:2:9: burst must be an integer between 1 and"],
  ["[rate_limit]\nrequests = 5", 'a.toml:2:1: unknown setting "requests" in [rate_limit]'],
  ["[rate_limit]\nrequests_per_second = -1", "a.toml:2:23: requests_per_second must be a number"],
])("%p is refused where it stands", (file, problem) => {
  expect(() => load(file)).toThrow(problem);
});
