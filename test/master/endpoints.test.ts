import { expect, test } from "bun:test";
import { loadSettings } from "../../src/config/load-settings.ts";
import { ADMIN, endpointsOf, SITE } from "../../src/master/endpoints.ts";

const site = { kind: SITE, target: { host: "::1", port: 8080 } };

test.each<[string, string[], ReturnType<typeof endpointsOf>]>([
  ["the site alone", [], [site]],
  ["admin endpoints with a port of their own", ["9090"], [site, { kind: ADMIN, target: { host: "::1", port: 9090 } }]],
  [
    "admin endpoints with an address of their own",
    ["127.0.0.1:9090"],
    [site, { kind: ADMIN, target: { host: "127.0.0.1", port: 9090 } }],
  ],
])("the settings ask for %s", (_what, adminListen, endpoints) => {
  const flags = adminListen.flatMap((address) => ["--admin-listen", address]);
  const argv = ["--no-config", "--host", "::1", "--port", "8080", ...flags];
  expect(endpointsOf(loadSettings({ argv, env: {}, cwd: "/" }))).toEqual(endpoints);
});
