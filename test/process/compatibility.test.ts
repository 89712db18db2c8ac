import { describe, expect, test } from "bun:test";
import { loadSettings } from "../../src/config/load-settings.ts";
import type { Settings } from "../../src/config/settings.ts";
import { incompatibilityWith } from "../../src/process/compatibility.ts";
import { PROTOCOL_VERSION, type StartMessage } from "../../src/process/messages.ts";

const settings = loadSettings({ argv: ["--no-config"], env: {}, cwd: "/" });

const startOf = (changes: Partial<StartMessage>) =>
  ({ protocol: PROTOCOL_VERSION, settings, ...changes }) as StartMessage;

const without = (name: keyof Settings) => {
  const { [name]: _, ...rest } = settings;
  return rest as Settings;
};

describe("a worker takes its start message", () => {
  test("of its own build, and of one that knows more", () => {
    expect(incompatibilityWith(startOf({}))).toBeNull();
    expect(incompatibilityWith(startOf({ settings: { ...settings, more: 1 } as Settings }))).toBeNull();
  });

  test.each([
    ["another protocol", { protocol: PROTOCOL_VERSION + 1 }],
    ["a setting that the master doesn't know", { settings: without("max_connections") }],
    ["a table that the master doesn't know", { settings: without("compression") }],
  ])("but not with %s", (_what, changes) => {
    expect(incompatibilityWith(startOf(changes))).toContain("saker upgrade");
  });
});
