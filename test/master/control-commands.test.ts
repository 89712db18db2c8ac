import { describe, expect, test } from "bun:test";
import { answerLine, CONTROL_COMMANDS, type ControlActions } from "../../src/master/control-commands.ts";

function actions(overrides: Partial<ControlActions> = {}): ControlActions & { readonly done: string[] } {
  const done: string[] = [];
  return {
    done,
    pid: 7,
    version: "1.2.3",
    describeStatistics: () => ({ total: 1 }),
    describeHealth: () => ({ status: "healthy" }),
    describeWorkers: () => [{ worker: 0 }],
    resize: async (workers) => ({ isGood: true, line: `${workers} workers` }),
    reload: async () => ({ isGood: false, line: "saker.toml:1:2:\n wrong" }),
    upgrade: async (asker) => ({ isGood: false, line: `refused to ${asker}` }),
    renewCertificate: async (name) => ({ isGood: true, line: `a new certificate: ${name}` }),
    revokeCertificate: async (name) => ({ isGood: false, line: `none for ${name}` }),
    purge: () => 3,
    reopenLogs: () => void done.push("reopen"),
    stop: () => void done.push("stop"),
    ...overrides,
  };
}

describe("answerLine", () => {
  test.each([
    ["PING", "OK saker 1.2.3 (pid 7)"],
    ["  ping  ", "OK saker 1.2.3 (pid 7)"],
    ["STATS", 'OK {"total":1}'],
    ["HEALTH", 'OK {"status":"healthy"}'],
    ["WORKERS", 'OK [{"worker":0}]'],
    ["WORKERS 3", "OK 3 workers"],
    ["workers  256 ", "OK 256 workers"],
    ["RELOAD", "ERROR saker.toml:1:2:  wrong"],
    ["UPGRADE", "ERROR refused to 9"],
    ["PURGE", "OK generation 3 of the cache"],
    ["RENEW a.example", "OK a new certificate: a.example"],
    ["REVOKE a.example", "ERROR none for a.example"],
    ["RENEW", "ERROR RENEW takes a name"],
    ["REOPEN", "OK log files reopened"],
    ["STOP", "OK stopping"],
    ["", "ERROR unknown command; HELP lists them"],
    ["GET / HTTP/1.1", "ERROR unknown command; HELP lists them"],
    ["PING\0", "ERROR unknown command; HELP lists them"],
    ["STOP now", "ERROR STOP takes no argument"],
    ...["0", "257", "-1", "1e2", "99999999", "2 3", "x"].map((text) => [
      `WORKERS ${text}`,
      "ERROR WORKERS takes a number between 1 and 256",
    ]),
  ])("%j is answered %j", async (line, answer) => {
    expect(await answerLine(line!, actions(), 9)).toBe(answer!);
  });

  test("what is told is done", async () => {
    const told = actions();
    await answerLine("REOPEN", told, -1);
    await answerLine("STOP", told, -1);
    expect(told.done).toEqual(["reopen", "stop"]);
  });

  test("an exception is an answer, too", async () => {
    const fails = actions({ describeStatistics: () => expect.unreachable("no\nfile") });
    expect(await answerLine("STATS", fails, -1)).toMatch(/^ERROR [^\n]+$/);
  });

  test("HELP names every command", async () => {
    const help = JSON.parse((await answerLine("HELP", actions(), -1)).slice(3)) as Record<string, string>;
    expect(Object.keys(help).map((name) => name.split(" ")[0])).toEqual(CONTROL_COMMANDS.map(({ name }) => name));
  });
});
