/**
 * Caddy: its file server alone, HTTP/1.1 only, one processor (GOMAXPROCS=1), no log, and a lazier garbage collector.
 *
 * Source: caddyserver.com/docs/json.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { firstLineOf, type Contender } from "../contender.ts";

export const caddy: Contender = {
  name: "caddy",
  group: "caddy",
  title: "Caddy",
  version: () => firstLineOf(["caddy", "version"]),
  launch({ root, port, folder }) {
    const path = join(folder, "caddy.json");
    const server = {
      listen: [`127.0.0.1:${port}`],
      protocols: ["h1"],
      automatic_https: { disable: true },
      idle_timeout: "600s",
      routes: [{ handle: [{ handler: "file_server", root }] }],
    };
    const configuration = {
      admin: { disabled: true, config: { persist: false } },
      logging: { logs: { default: { level: "PANIC", writer: { output: "discard" } } } },
      apps: { http: { servers: { bench: server } } },
    };
    writeFileSync(path, JSON.stringify(configuration));
    return {
      command: ["caddy", "run", "--config", path],
      env: { GOMAXPROCS: "1", GOGC: "400", XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    };
  },
};
