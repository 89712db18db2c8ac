import { describe, expect, test } from "bun:test";
import { endpointPaths, normalizePrefix } from "../../src/admin/endpoint.ts";

test.each([
  ["", ""],
  ["/", ""],
  ["//", ""],
  ["/_saker", "/_saker"],
  ["/_saker/", "/_saker"],
  ["_saker", "/_saker"],
  ["/a/b/", "/a/b"],
])("prefix %p means %p", (prefix, normalized) => {
  expect(normalizePrefix(prefix)).toBe(normalized);
});

describe("endpointPaths", () => {
  test.each([
    ["", ["/health", "/metrics", "/stats"]],
    ["/_saker/", ["/_saker/health", "/_saker/metrics", "/_saker/stats"]],
  ])("under %p", (prefix, paths) => {
    expect([...endpointPaths(prefix).keys()]).toEqual(paths);
  });

  test.each([
    "/health",
    "/_saker",
    "/_saker/",
    "/_saker/health/",
    "/_saker/Health",
    "/_saker//health",
    "/_saker/healthy",
  ])("%p is none under /_saker", (path) => {
    expect(endpointPaths("/_saker").has(path)).toBe(false);
  });
});
