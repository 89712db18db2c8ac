import { describe, expect, test } from "bun:test";
import { Draft } from "../../src/config/draft.ts";
import { readEnvironmentSettings } from "../../src/config/from-environment.ts";
import { defaultSettings, optionsOf, SCHEMA } from "../../src/config/schema.ts";

function read(env: Record<string, string | undefined>): Record<string, unknown> {
  const draft = new Draft({ ...defaultSettings("/base") });
  readEnvironmentSettings(env, optionsOf(SCHEMA), "/base", draft);
  const names = Object.keys(draft.values).filter((name) => draft.originOf(name).source !== "default");
  return Object.fromEntries(names.map((name) => [name, draft.values[name]]));
}

describe("reads", () => {
  test.each<[string, Record<string, string | undefined>, Record<string, unknown>]>([
    ["nothing", {}, {}],
    ["a number", { SAKER_PORT: "80" }, { port: 80 }],
    ["a name of two words", { SAKER_NUM_WORKERS: "3" }, { num_workers: 3 }],
    ["a list", { SAKER_INDEX: "a,b" }, { index: ["a", "b"] }],
    ["a boolean", { SAKER_DOTFILES: "true" }, { dotfiles: true }],
    ["a path, taken from the current folder", { SAKER_DOCUMENT_ROOT: "site" }, { document_root: "/base/site" }],
    ["an empty variable as not set", { SAKER_PORT: "", SAKER_NONSENSE: "" }, {}],
    ["an undefined variable as not set", { SAKER_PORT: undefined }, {}],
    ["other programs' variables", { PORT: "1", saker_port: "1", SAKER: "1", MY_SAKER_PORT: "1", HOST: "x" }, {}],
    ["not what is no setting", { SAKER_CONFIG: "x", SAKER_PROFILE: "y", SAKER_NO_FFI: "1", SAKER_VERSION: "1" }, {}],
    [
      "not the links Kubernetes makes for a service named saker",
      {
        SAKER_PORT: "tcp://10.96.0.17:8080",
        SAKER_SERVICE_HOST: "10.96.0.17",
        SAKER_SERVICE_PORT: "8080",
        SAKER_SERVICE_PORT_HTTP_ADMIN: "9090",
        SAKER_PORT_8080_TCP: "tcp://10.96.0.17:8080",
        SAKER_PORT_8080_TCP_ADDR: "10.96.0.17",
        SAKER_PORT_8080_TCP_PORT: "8080",
        SAKER_PORT_8080_TCP_PROTO: "tcp",
        SAKER_METRICS_PORT: "udp://10.96.0.18:1",
        SAKER_METRICS_SERVICE_HOST: "10.96.0.18",
      },
      {},
    ],
  ])("%s", (_, env, values) => expect(read(env)).toEqual(values));
});

describe("refuses", () => {
  test.each([
    ["SAKER_PORT", "abc", 'SAKER_PORT: port must be an integer between 0 and 65535, not "abc"'],
    ["SAKER_PORT", "tcp:/10.0.0.1", "SAKER_PORT: port must be an integer"],
    ["SAKER_PROT", "80", 'SAKER_PROT: unknown variable; did you mean "SAKER_PORT"?'],
    ["SAKER_WORKERS", "2", 'SAKER_WORKERS: unknown variable; did you mean "SAKER_NUM_WORKERS"?'],
    ["SAKER_CONFIGS", "x", 'SAKER_CONFIGS: unknown variable; did you mean "SAKER_CONFIG"?'],
    ["SAKER_ZEBRA", "x", 'SAKER_ZEBRA: unknown variable; unset it ("saker help settings" lists all)'],
    ["SAKER_port", "1", "SAKER_port: unknown variable"],
    ["SAKER_", "1", "SAKER_: unknown variable"],
    ["SAKER_LOG_LEVEL", "loud", 'SAKER_LOG_LEVEL: log_level must be "debug", "info", "warn" or "error", not "loud"'],
    ["SAKER_INDEX", "a/b", "SAKER_INDEX: each item of index must be a file name without slashes"],
  ])("%s=%s", (variable, text, message) => expect(() => read({ [variable]: text })).toThrow(message));
});
