import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Answer, CONNECTIONS_MAX, ControlSocket, LINE_OCTETS_MAX } from "../../src/master/control-socket.ts";
import { until, within } from "../support/deadline.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "saker-control-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const echo: Answer = async (line) => `OK ${line}`;

/** Everything that comes back for these octets until the server hangs up. */
async function say(path: string, octets: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  const socket = connect({ path }, () => socket.end(octets));
  socket.on("data", (chunk) => void (text += chunk.toString("latin1")));
  socket.on("close", () => resolve(text));
  socket.on("error", reject);
  return await within(
    promise.finally(() => socket.destroy()),
    "an answer",
  );
}

describe("ControlSocket", () => {
  test("only its owner may connect; it goes away at the end, and nothing else is left", async () => {
    const path = join(folder, "a.control");
    const mask = process.umask(0);
    const control = await ControlSocket.open(path, echo);
    expect(process.umask(mask)).toBe(0);
    expect((statSync(path).mode & 0o7777).toString(8)).toBe("600");
    expect(readdirSync(folder)).toEqual(["a.control"]);
    control.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  describe("lines", () => {
    const path = () => join(folder, "lines.control");
    const control: { open?: ControlSocket } = {};
    let begun = 0;
    beforeAll(async () => {
      control.open = await ControlSocket.open(path(), async (line) => {
        begun++;
        if (line === "long") return "x".repeat(3_000_000);
        if (line === "slow") await Bun.sleep(5);
        return `OK ${line}`;
      });
    });
    afterAll(() => control.open!.close());

    test.each([
      ["one", "a\n", "OK a\n"],
      ["one with CR LF", "a\r\n", "OK a\n"],
      ["several at once, in order", "slow\nb\n\nc\n", "OK slow\nOK b\nOK \nOK c\n"],
      ["half a line is none", "a\nb", "OK a\n"],
      ["nothing", "", ""],
      ["the longest one", `${"x".repeat(LINE_OCTETS_MAX)}\n`, `OK ${"x".repeat(LINE_OCTETS_MAX)}\n`],
      ["one too long", `${"x".repeat(LINE_OCTETS_MAX + 1)}\n`, `ERROR a line has at most ${LINE_OCTETS_MAX} octets\n`],
      ["one without an end", "x".repeat(LINE_OCTETS_MAX + 1), `ERROR a line has at most ${LINE_OCTETS_MAX} octets\n`],
      ["very much at once", "a\n".repeat(10_000), "ERROR too much at once\n"],
    ])("%s", async (_what, octets, answer) => {
      expect(await say(path(), octets)).toEndWith(answer);
    });

    test("a long answer comes whole, and the next one after it", async () => {
      const text = await say(path(), "long\nb\n");
      expect(text).toBe(`${"x".repeat(3_000_000)}\nOK b\n`);
    });

    test("no command is begun before the answer to the last one has been taken", async () => {
      begun = 0;
      const socket = connect({ path: path() });
      await within(new Promise((resolve) => socket.on("connect", resolve)), "the connection");
      socket.pause();
      socket.write("long\nlong\nlong\n");
      await until(() => begun > 0, "the first is begun");
      await Bun.sleep(20);
      expect(begun).toBe(1);
      socket.destroy();
    });

    test("more connections than it takes are told so", async () => {
      const others = Array.from({ length: CONNECTIONS_MAX }, () => connect({ path: path() }));
      await Promise.all(others.map((socket) => new Promise((resolve) => socket.on("connect", resolve))));
      await until(async () => (await say(path(), "")) === "ERROR too many connections\n", "it is refused");
      others.forEach((socket) => socket.destroy());
      await until(async () => (await say(path(), "a\n")) === "OK a\n", "there is room again");
    });
  });

  test("the socket of a dead master is replaced, that of a living one and other files are not", async () => {
    const path = join(folder, "stale.control");
    const program = `Bun.listen({ unix: ${JSON.stringify(path)}, socket: { data() {} } }); process.kill(process.pid, "SIGKILL");`;
    Bun.spawnSync([process.execPath, "-e", program]);
    expect(statSync(path).isSocket()).toBe(true);
    const control = await ControlSocket.open(path, echo);
    expect(await say(path, "a\n")).toBe("OK a\n");
    await expect(ControlSocket.open(path, echo)).rejects.toThrow("belongs to a running program");
    expect(await say(path, "a\n")).toBe("OK a\n");
    control.close();
    writeFileSync(path, "dear diary");
    await expect(ControlSocket.open(path, echo)).rejects.toThrow("there is a file of another kind");
    expect(readFileSync(path, "utf8")).toBe("dear diary");
    rmSync(path);
  });

  test.each([
    ["a path that is too long", () => join(folder, "x".repeat(120)), /too long a path/],
    ["a folder that isn't there", () => join(folder, "no/control"), /cannot listen on the control socket/],
  ])("refuses %s", async (_what, path, message) => {
    await expect(ControlSocket.open(path(), echo)).rejects.toThrow(message);
  });
});
