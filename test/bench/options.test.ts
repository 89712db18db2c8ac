/** The command line of the load bench: what is accepted, and the one line for what isn't. */
import { describe, expect, test } from "bun:test";
import { OptionError, parseOptions } from "../../bench/load/options.ts";

describe("parseOptions", () => {
  test("without arguments runs everything, five rounds of three seconds", () => {
    const options = parseOptions([]);
    expect(options).toMatchObject({ quick: false, workloads: [], servers: [], rounds: 5, seconds: 3, limitSeconds: 0 });
  });

  test("--quick is one round with a time limit under two minutes", () => {
    const options = parseOptions(["--quick"]);
    expect(options.rounds).toBe(1);
    expect(options.limitSeconds).toBeGreaterThan(0);
    expect(options.limitSeconds).toBeLessThan(120);
  });

  test("what is given beats what --quick sets, wherever it stands", () => {
    expect(parseOptions(["--rounds", "3", "--quick", "--seconds=1.5"])).toMatchObject({ rounds: 3, seconds: 1.5 });
  });

  test.each([
    ["repeated", ["--workload", "hot", "--workload", "zipf"]],
    ["with commas", ["--workload", "hot,zipf"]],
    ["with an equals sign", ["--workload=hot", "--workload=zipf"]],
  ])("takes several workloads, %s", (_description, argv) => {
    expect(parseOptions(argv).workloads).toEqual(["hot", "zipf"]);
  });

  test.each([
    ["an unknown flag", ["--round", "3"], "unknown flag --round"],
    ["a bare word", ["hot"], "unknown flag hot"],
    ["a switch with a value", ["--quick=yes"], "unknown flag --quick=yes"],
    ["a missing value", ["--rounds"], "--rounds needs a value"],
    ["an empty value", ["--json="], "--json needs a value"],
    ["no number", ["--rounds", "many"], "--rounds takes a whole number from 1 to 99"],
    ["half a round", ["--rounds", "1.5"], "--rounds takes a whole number"],
    ["no rounds at all", ["--rounds", "0"], "from 1 to 99"],
    ["seconds without an end", ["--seconds", "Infinity"], "--seconds takes a number from 0.2 to 60"],
    ["too many seconds", ["--seconds", "3600"], "from 0.2 to 60"],
    ["negative seconds", ["--seconds", "-3"], "from 0.2 to 60"],
  ])("refuses %s", (_description, argv, message) => {
    expect(() => parseOptions(argv)).toThrow(OptionError);
    expect(() => parseOptions(argv)).toThrow(message);
  });
});
