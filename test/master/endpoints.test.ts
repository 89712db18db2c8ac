import { expect, test } from "bun:test";
import { loadSettings } from "../../src/config/load-settings.ts";
import { ADMIN, endpointsOf, HTTPS, SITE } from "../../src/master/endpoints.ts";

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

test.each<[string, string[], number]>([
  ["a port of its own", ["--port", "80"], 443],
  ["one that needs no rights", ["--port", "8000"], 8443],
  ["any", ["--port", "0"], 0],
  ["the one that is set", ["--https-port", "8444"], 8444],
])("the site by HTTPS comes after the site, before the admin endpoints, with %s", (_what, flags, port) => {
  const argv = ["--no-config", "--host", "::1", "--https", "--admin-listen", "9090", ...flags];
  const [site, https, admin] = endpointsOf(loadSettings({ argv, env: {}, cwd: "/" }));
  expect([site!.kind, admin!.kind]).toEqual([SITE, ADMIN]);
  expect(https).toEqual({ kind: HTTPS, target: { host: "::1", port } });
});
