/**
 * The table of settings itself: every row is sound, and the published contract of names and defaults holds.
 */
import { describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import { PROFILES } from "../../src/config/profiles.ts";
import { defaultSettings, optionsOf, SCHEMA } from "../../src/config/schema.ts";
import { GROUPS, type Setting } from "../../src/config/setting.ts";
import { SETTINGS } from "../../src/config/setting-rows.ts";
import { SETTING_NAMES, type Settings } from "../../src/config/settings.ts";
import { PLANNED_TABLES, TABLES } from "../../src/config/tables.ts";
import { checkValue } from "../../src/config/value.ts";

const rows: [string, Setting<unknown>][] = Object.entries(SETTINGS);

describe.each(rows)("%s", (name, setting) => {
  test("has a default that passes its own check", () => {
    if (setting.default === null) {
      expect(setting.optional).toBe(true);
      return;
    }
    expect(checkValue(name, setting, setting.default, "/")).toMatchObject({ isGood: true });
  });

  test("is described in one sentence without a full stop", () => {
    expect(setting.meaning).toMatch(/^[A-Z`].*[^.]$/s);
    expect(setting.meaning).not.toMatch(/\. |\n/);
    expect(GROUPS).toContain(setting.group);
  });

  test("says its unit when its name has one", () => {
    const suffix = /_(seconds|ms|bytes|kb|mb)$/.exec(name)?.[1] ?? "";
    const unit = { seconds: "seconds", ms: "milliseconds", bytes: "octets", kb: "KiB", mb: "MiB" }[suffix];
    if (unit !== undefined) expect(setting.unit).toBe(unit);
  });

  test("has what its type needs", () => {
    const isNumber = setting.type === "integer" || setting.type === "number";
    expect(Number.isFinite(setting.minimum) && Number.isFinite(setting.maximum)).toBe(isNumber);
    expect(setting.choices !== undefined).toBe(setting.type === "choice");
    expect(setting.form !== undefined).toBe(setting.hasForm !== undefined);
  });
});

test("the names and defaults of the contract", () => {
  const published: Partial<Settings> = {
    host: "::",
    port: 8080,
    document_root: "/srv/static",
    num_workers: "auto",
    threads_per_worker: 8,
    queue_size: 100,
    cache_size_mb: 50,
    max_cached_file_kb: 1024,
    cache_revalidate_ms: 1000,
    timeout_seconds: 30,
    header_timeout_seconds: 10,
    keepalive_timeout_seconds: 65,
    keepalive_requests: 0,
    max_connections: 16384,
    max_header_bytes: 16384,
    max_uri_bytes: 8192,
    max_body_bytes: 1048576,
    shutdown_timeout_seconds: 30,
    access_log: "-",
    access_log_format: "combined",
    log_level: "info",
    error_log: "-",
    stats_file: null,
    stats_interval_seconds: 30,
    pid_file: null,
    user: null,
    group: null,
    server_header: "saker",
    index: ["index.html"],
    dotfiles: false,
    follow_symlinks: "inside",
    admin_listen: null,
    admin_prefix: "",
  };
  expect(defaultSettings("/srv")).toMatchObject(published);
});

test("every spelling outside of files is unique", () => {
  const options = optionsOf(SCHEMA);
  const spellings = [
    ...options.flatMap(({ flags }) => flags),
    ...options.flatMap(({ variable, otherVariables }) => [variable, ...otherVariables]),
  ];
  expect(new Set(spellings).size).toBe(spellings.length);
});

test("a name is spelled the same way everywhere", () => {
  const option = optionsOf(SCHEMA).find(({ name }) => name === "max_body_bytes")!;
  expect(option.flags).toEqual(["--max-body-bytes"]);
  expect(option.variable).toBe("SAKER_MAX_BODY_BYTES");
});

test("no name is both a setting and a table", () => {
  const tables = [...Object.keys(TABLES), ...PLANNED_TABLES, "profile"];
  expect(tables.filter((name) => (SETTING_NAMES as string[]).includes(name))).toEqual([]);
  expect(new Set(tables).size).toBe(tables.length);
});

describe.each(Object.entries(PROFILES))("profile %s", (_, { values, meaning }) => {
  test("sets only known settings to good values", () => {
    expect(meaning).not.toBe("");
    for (const [name, value] of Object.entries(values)) {
      const checked = checkValue(name, SCHEMA.settings[name]!, value, resolve("/"));
      expect(checked).toEqual({ isGood: true, value });
    }
  });
});
