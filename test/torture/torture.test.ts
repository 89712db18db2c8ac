/**
 * The short form of the fault experiments: that they run, and that nothing is lost, whatever the speed of this machine.
 * Overload, slow clients, hanging workers and the soak are judged by the clock, and belong to `bun run torture`.
 */
import { expect, test } from "bun:test";
import { Verdict } from "./experiment.ts";
import { changingFiles } from "./experiments/changing-files.ts";
import { crash } from "./experiments/crash.ts";
import { crashLoop } from "./experiments/crash-loop.ts";
import { fullDisk } from "./experiments/full-disk.ts";
import { h2Floods } from "./experiments/h2-floods.ts";
import { reload } from "./experiments/reload.ts";
import { secureLossless } from "./experiments/secure-lossless.ts";
import { stop } from "./experiments/stop.ts";
import { tlsClients } from "./experiments/tls-clients.ts";
import { EXPERIMENTS } from "./experiments/all.ts";
import { OptionError, parseOptions } from "./options.ts";

const DEADLINE_MS = 30_000;

const SHORT = [
  crash,
  crashLoop,
  reload,
  stop,
  changingFiles,
  fullDisk,
  // openssl makes their certificate.
  ...(Bun.which("openssl") === null ? [] : [secureLossless, h2Floods, tlsClients]),
].map((one) => [one.title, one] as const);

test.each(SHORT)(
  "%s",
  async (_, experiment) => {
    const rows = await experiment.run({ executable: process.env.SAKER_EXECUTABLE ?? "", servers: [], isShort: true });
    expect(rows.filter(({ verdict }) => verdict === Verdict.Fail)).toEqual([]);
    expect(rows.length).toBeGreaterThan(0);
  },
  DEADLINE_MS,
);

test("experiments are named apart", () => {
  const names = EXPERIMENTS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test.each([
  ["an unknown flag", ["--quick"]],
  ["an unknown experiment", ["--only", "earthquake"]],
  ["no experiment", ["--only"]],
  ["an unknown server", ["--server=apache"]],
  ["a word", ["crash"]],
])("refuses %s", (_, argv) => expect(() => parseOptions(argv, ["crash"])).toThrow(OptionError));

test("reads flags in any order", () => {
  const options = parseOptions(
    ["--json", "--only=crash", "--only", "stop", "--source", "--server=h2o"],
    ["crash", "stop"],
  );
  expect([options.only, options.servers, options.json, options.source, options.markdown]).toEqual([
    ["crash", "stop"],
    ["h2o"],
    true,
    true,
    false,
  ]);
});
