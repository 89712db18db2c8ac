/** Certificates of a whole server: at its start, while files change, over reloads and upgrades. */
import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:tls";
import { CertificateFolder, makePair, testAuthority } from "../support/certificates.ts";
import { until } from "../support/deadline.ts";
import { runSaker, type Saker, spawnSaker, startSaker } from "../support/saker.ts";

const folder = new CertificateFolder();
afterAll(() => folder[Symbol.dispose]());

const put = (file: string, ...names: string[]): void => void folder.writePair(file, makePair(names));
const pair = (file: string): string =>
  `certificate = ${JSON.stringify(folder.at(`${file}.pem`))}\nkey = ${JSON.stringify(folder.at(`${file}.key`))}\n`;

async function securePortOf(saker: Saker): Promise<number> {
  const [, port] = await saker.printed(/listening on https:\/\/\S+:(\d+)/);
  return Number(port);
}

/** What a client that knows the tests' authority gets: the certificate's serial number, and the status. */
function ask(port: number, servername: string, path = "/"): Promise<{ serial: string; status: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port,
      servername,
      ca: testAuthority().certificate,
      ALPNProtocols: ["http/1.1"],
    };
    const socket = connect(options, () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${servername}\r\nConnection: close\r\n\r\n`);
    });
    let answer = "";
    socket.on("data", (octets) => void (answer += octets.toString("latin1")));
    socket.on("error", (error: unknown) => reject(error as Error));
    socket.on("end", () => {
      resolve({ serial: socket.getPeerCertificate().serialNumber, status: answer.split(" ")[1] ?? "" });
    });
  });
}

describe("at the start", () => {
  test.each<[string, () => void, RegExp]>([
    [
      "a key of another certificate",
      () => void folder.write("bad.key", makePair(["x"]).key),
      /^saker: key \S+bad\.key does not belong to the certificate\n$/,
    ],
    [
      "no certificate",
      () => void folder.write("bad.pem", ""),
      /^saker: certificate \S+bad\.pem holds no certificate in PEM\n$/,
    ],
  ])("%s is one line, and no server", async (_, spoil, line) => {
    put("bad", "a.example");
    spoil();
    await using saker = await spawnSaker({ config: `[tls]\n${pair("bad")}` });
    expect(await saker.exited).toBe(1);
    expect(saker.stderr).toMatch(line);
  });

  test("check points at the line of the configuration", async () => {
    put("bad", "a.example");
    folder.write("bad.key", makePair(["x"]).key);
    folder.write("saker.toml", `document_root = "."\n[tls]\n${pair("bad")}`);
    const { exitCode, stderr } = await runSaker(["check", "--config", folder.at("saker.toml")]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/saker\.toml:4: key \S+bad\.key does not belong to the certificate\n$/);
  });
});

test("a renewed certificate serves new connections, for each name, while workers and connections stay", async () => {
  put("a", "a.example");
  put("b", "*.b.example");
  const config = `num_workers = 2\n[tls]\n[[tls.certificate]]\n${pair("a")}[[tls.certificate]]\n${pair("b")}`;
  await using saker = await startSaker({ site: { "index.html": "home" }, config });
  const port = await securePortOf(saker);
  const workers = saker.workerPids();
  const [a, b] = [await ask(port, "a.example"), await ask(port, "x.b.example")];
  expect([a.status, b.status]).toEqual(["200", "200"]);
  expect(a.serial).not.toBe(b.serial);

  put("a", "a.example");
  await saker.printed(/a\.pem has changed, and serves new connections: a\.example, until 20/);
  const renewed = await until(async () => {
    // Each of several connections, so that both workers are asked.
    const serials = await Promise.all(Array.from({ length: 8 }, async () => (await ask(port, "a.example")).serial));
    return new Set(serials).size === 1 && serials[0] !== a.serial ? serials[0]! : null;
  }, "all workers have the new certificate");
  expect((await ask(port, "x.b.example")).serial).toBe(b.serial);
  expect(saker.workerPids()).toEqual(workers);
  const metrics = await saker.metrics();
  const expiry = metrics.value("saker_tls_certificate_expiry_timestamp_seconds", { name: "a.example" });
  expect(expiry).toBeGreaterThan(Date.now() / 1000);

  // Half a pair: the old one stays, and it is said once that it stays so.
  const next = makePair(["a.example"]);
  folder.write("a.pem", next.certificate);
  await saker.printed(/ERROR key \S+a\.key does not belong to the certificate; the former one stays/);
  expect((await ask(port, "a.example")).serial).toBe(renewed);
  folder.write("a.key", next.key);
  await until(
    async () => ((await ask(port, "a.example")).serial === renewed ? null : true),
    "the other half is served",
  );
});

test("a reload with a certificate that can't be served changes nothing", async () => {
  put("c", "c.example");
  put("d", "d.example");
  const before = `[tls]\n${pair("c")}`;
  await using saker = await startSaker({ site: { "index.html": "home" }, config: before });
  const port = await securePortOf(saker);
  folder.write("d.pem", "torn");
  await saker.configure(`[tls]\n${pair("d")}`);
  saker.signal("SIGHUP");
  await saker.printed(/reload refused, the old configuration stays: certificate \S+d\.pem holds no certificate in PEM/);
  expect((await ask(port, "c.example")).status).toBe("200");
  put("d", "d.example");
  saker.signal("SIGHUP");
  await saker.printed(/reload: 1 worker serves/);
  // The old worker takes who had come until then.
  const isServed = (name: string): Promise<boolean> =>
    ask(port, name).then(
      () => true,
      () => false,
    );
  await until(async () => (await isServed("d.example")) && !(await isServed("c.example")), "the new certificate alone");
});

test("over an upgrade in place: the new program serves the same, and what changes after it", async () => {
  put("u", "u.example");
  await using saker = await startSaker({ site: { "index.html": "home" }, config: `[tls]\n${pair("u")}` });
  const port = await securePortOf(saker);
  const { serial } = await ask(port, "u.example");
  const { exitCode, stdout, stderr } = await runSaker(["upgrade", "--pid", String(saker.pid)]);
  expect([exitCode, stdout, stderr]).toEqual([0, expect.stringContaining("upgraded from"), ""]);
  expect((await ask(port, "u.example")).serial).toBe(serial);
  put("u", "u.example");
  await until(
    async () => ((await ask(port, "u.example")).serial === serial ? null : true),
    "the new certificate is served",
  );
});

test("certificates and keys in a document root are never sent", async () => {
  put("w", "w.example");
  const config = `document_root = ${JSON.stringify(folder.path)}\n[tls]\n${pair("w")}`;
  await using saker = await startSaker({ config });
  const port = await securePortOf(saker);
  folder.write("page.txt", "page", 0o644);
  expect((await ask(port, "w.example", "/page.txt")).status).toBe("200");
  for (const file of ["w.key", "w.pem", "w.key~", "w.key.bak"]) {
    folder.write("w.key~", "x", 0o644);
    folder.write("w.key.bak", "x", 0o644);
    expect([file, (await ask(port, "w.example", `/${file}`)).status]).toEqual([file, "404"]);
  }
});

test.skipIf(process.getuid?.() !== 0)("workers without a right to the key serve with it", async () => {
  put("p", "p.example");
  chmodSync(folder.at("p.key"), 0o600);
  const config = `user = "nobody"\n[tls]\n${pair("p")}`;
  await using saker = await startSaker({
    site: { "index.html": "home" },
    config: (site) => (chmodSync(site.folder, 0o755), config),
  });
  const port = await securePortOf(saker);
  expect((await ask(port, "p.example")).status).toBe("200");
  expect(statSync(`/proc/${saker.workerPids()[0]}`).uid).not.toBe(0);
  const { serial } = await ask(port, "p.example");
  put("p", "p.example");
  await until(
    async () => ((await ask(port, "p.example")).serial === serial ? null : true),
    "the new certificate is served",
  );
});

describe("self_signed", () => {
  test("a root that is made once, and exported, by which every client is served", async () => {
    const env = { XDG_DATA_HOME: folder.at("data") };
    const config = '[tls]\nself_signed = true\n[[virtual_host]]\nnames = ["dev.example"]';
    await using saker = await startSaker({ site: { "index.html": "home" }, config, env });
    const port = await securePortOf(saker);
    await saker.printed(/certificate: by saker's own authority/);
    const { exitCode, stdout: root } = await runSaker(["certificates", "root"], { env });
    expect(exitCode).toBe(0);
    expect(root).not.toContain("PRIVATE");
    folder.write("root.pem", root);
    for (const name of ["dev.example", "localhost"]) {
      const verified = await new Promise<boolean>((resolve) => {
        const socket = connect({ host: "127.0.0.1", port, servername: name, ca: root }, () => {
          resolve(socket.authorized);
          socket.destroy();
        });
        socket.on("error", () => resolve(false));
      });
      expect([name, verified]).toEqual([name, true]);
    }
    expect(readFileSync(folder.at("data/saker/authority.pem"), "utf8")).toStartWith(root.trim().slice(0, 200));
    const health = await runSaker(["health", "--no-config", "--url", `https://127.0.0.1:${port}/health`]);
    expect(health).toMatchObject({ exitCode: 0, stdout: `healthy: https://127.0.0.1:${port}/health\n` });
  });

  test("without a root there is nothing to export", async () => {
    const { exitCode, stderr } = await runSaker(["certificates", "root"], {
      env: { XDG_DATA_HOME: folder.at("none") },
    });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("`saker DIR --https` makes one")]);
  });
});

test("saker certificates lists what a configuration serves", async () => {
  put("l", "l.example", "*.l.example");
  folder.write("saker.toml", `document_root = "."\n[tls]\n${pair("l")}`);
  const list = (...args: string[]) => runSaker(["certificates", "--config", folder.at("saker.toml"), ...args]);
  expect((await list()).stdout).toContain("names     l.example, *.l.example\n");
  const { certificates } = JSON.parse((await list("--json")).stdout);
  expect(certificates).toMatchObject([
    {
      file: folder.at("l.pem"),
      key_file: folder.at("l.key"),
      problem: "",
      names: ["l.example", "*.l.example"],
      issuer: "authority of a test, saker",
      key: "ECDSA P-256",
      serves: "its names, and those without a certificate",
    },
  ]);
  folder.write("l.key", "torn");
  expect(await list()).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("problem   key ") });
});
