/** Where rules and values stand. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfiguration } from "../../src/config/load-settings.ts";
import { placeOfSetting, showPlace } from "../../src/config/setting-place.ts";
import type { TomlPath } from "../../src/config/toml-position.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "saker-place-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const FILE = `clean_urls = true
[error_pages]
404 = "/404.html"
[[redirect]]
from = "/a"
to = "/b"
[[redirect]]
from = "/c"
to = "/d"
[cors]
path = "/x"
[[virtual_host]]
names = ["a"]
[[virtual_host]]
names = ["b"]
spa_fallback = "/i.html"
[[virtual_host.deny_path]]
path = "/e"
[profile.test]
trailing_slash = "add"
`;

test.each<[TomlPath, string]>([
  [["clean_urls"], "a.toml:1"],
  [["error_pages", "404"], "a.toml:3"],
  [["redirect", 0], "a.toml:4"],
  [["redirect", 1], "a.toml:7"],
  [["redirect", 1, "to"], "a.toml:9"],
  [["redirect", 1, "status"], "a.toml:4"],
  [["cors", "path"], "a.toml:11"],
  [["cors", "allowed_origins"], "--cors-allowed-origins"],
  [["cors", "max_age_seconds"], "default"],
  [["virtual_host", 0, "names"], "a.toml:13"],
  [["virtual_host", 1, "spa_fallback"], "a.toml:16"],
  [["virtual_host", 1, "deny_path", 0], "a.toml:17"],
  [["trailing_slash"], "a.toml:20"],
  [["access_log"], "profile test"],
  [["dotfiles"], "SAKER_DOTFILES"],
  [["queue_size"], "default"],
])("%j stands at %s", (path, place) => {
  writeFileSync(join(FOLDER, "a.toml"), FILE);
  const argv = ["--config", "a.toml", "--profile", "test", "--cors-allowed-origins", "*"];
  const { originOf } = loadConfiguration({ argv, env: { SAKER_DOTFILES: "1" }, cwd: FOLDER });
  expect(showPlace(placeOfSetting(path, originOf))).toBe(place);
});
