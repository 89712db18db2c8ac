/** HTTPS while the server changes: reloads, an upgrade, a stop, other certificates, and nobody is lost. */
import { afterAll, describe, expect, test } from "bun:test";
import { copyFileSync, renameSync } from "node:fs";
import { CertificateFolder, makeAuthority, makePair, testAuthority } from "../support/certificates.ts";
import { until } from "../support/deadline.ts";
import { useExecutable } from "../support/executable.ts";
import { NOTHING_LOST, startLoad } from "../support/load.ts";
import { randomOctets } from "../support/octets.ts";
import { CUT_OFF, opensslClient } from "../support/openssl.ts";
import { RawClient } from "../support/raw-client.ts";
import { requestOctets, runSaker, type Saker, startSaker } from "../support/saker.ts";
import { createSite } from "../support/site.ts";

/** Clients on this machine ask for nobody in particular. */
const NAMES = ["test.example", "127.0.0.1"];

const folder = new CertificateFolder();
afterAll(() => folder[Symbol.dispose]());
folder.write("ca.pem", testAuthority().certificate);
folder.writePair("pair", makePair(NAMES));
const TLS = `num_workers = 2\n[tls]\ncertificate = "${folder.at("pair.pem")}"\nkey = "${folder.at("pair.key")}"\n`;

const TRUST = `-CAfile ${folder.at("ca.pem")} -verify_return_error`;

const MEDIUM = randomOctets(300_000, 3);
const SITE = { "index.html": "home", "medium.bin": MEDIUM };
const executable = useExecutable();

/** Clients that keep their connections, and others that make one for each request, all over TLS. */
function loadOf(saker: Saker) {
  const load = { port: saker.httpsPort, clients: 6, targets: { "/": "home", "/medium.bin": MEDIUM }, tls: {} };
  const kept = startLoad(load);
  const single = startLoad({ ...load, lines: ["Connection: close"] });
  const goesOn = async (): Promise<void> => {
    const answered = kept.report.answered + single.report.answered;
    const isLost = () => kept.report.broken.length + single.report.broken.length > 0;
    await until(() => isLost() || kept.report.answered + single.report.answered > answered + 100, "the load goes on");
  };
  return { kept, single, goesOn };
}

test("under load no client is lost by reloads and by an upgrade", async () => {
  await using site = await createSite(SITE);
  const path = site.beside("saker");
  copyFileSync(executable.path, path);
  await using saker = await startSaker({ config: TLS, site, executable: path });
  await using stack = new AsyncDisposableStack();
  const { goesOn, kept, single } = loadOf(saker);
  stack.use(kept);
  stack.use(single);
  const { httpsPort } = saker;
  for (let round = 0; round < 2; round++) {
    await goesOn();
    const old = saker.workerPids();
    saker.signal("SIGHUP");
    await saker.workersSettled(2, old);
  }
  await goesOn();
  const old = saker.workerPids();
  copyFileSync(executable.path, `${path}.next`);
  renameSync(`${path}.next`, path);
  const { exitCode, stderr } = await runSaker(["upgrade", "--pid", String(saker.pid)], { executable: executable.path });
  expect([exitCode, stderr]).toEqual([0, ""]);
  await saker.workersSettled(2, old);
  await goesOn();
  expect(saker.httpsPort).toBe(httpsPort);
  expect(await kept.stop()).toMatchObject(NOTHING_LOST);
  expect(await single.stop()).toMatchObject(NOTHING_LOST);
  // Those who come back to the next program's workers find the certificate, too.
  expect(await opensslClient(httpsPort, `${TRUST} -servername test.example`)).toContain("Verification: OK");
});

test("a stop finishes handshakes that have begun, and answers", async () => {
  await using saker = await startSaker({ config: TLS, site: SITE });
  await using waiting = await saker.connectSecurely();
  await using slow = await saker.connectSecurely();
  await slow.send("GET / HTTP/1.1\r\nHost: test.example\r\n");
  saker.signal("SIGTERM");
  // A connection that waits is closed; the request that has begun is answered.
  await waiting.expectClose();
  await slow.send("\r\n");
  const response = await slow.readResponse();
  expect([response.text, response.field("Connection")]).toEqual(["home", "close"]);
  await slow.expectClose();
  slow.close();
  expect(await saker.exited).toBe(0);
});

test("the end of a drain is announced", async () => {
  await using saker = await startSaker({ config: TLS, site: SITE });
  const said = opensslClient(saker.httpsPort, "-servername test.example", requestOctets("/"));
  await until(async () => (await saker.metrics()).sum("saker_tls_handshakes_total") > 0, "the client has come");
  saker.signal("SIGTERM");
  expect(await said).toContain("home");
  expect(await said).not.toContain(CUT_OFF);
  expect(await saker.exited).toBe(0);
});

describe("a renewed certificate", () => {
  test("serves new handshakes without a reload, and leaves connections alone", async () => {
    await using saker = await startSaker({ config: TLS, site: SITE });
    await using before = await saker.connectSecurely();
    const workers = saker.workerPids();
    const renewed = makeAuthority("a newer authority");
    folder.write("newer-ca.pem", renewed.certificate);
    folder.writePair("next", makePair(NAMES, { authority: renewed }));
    renameSync(folder.at("next.key"), folder.at("pair.key"));
    renameSync(folder.at("next.pem"), folder.at("pair.pem"));
    const verify = `-CAfile ${folder.at("newer-ca.pem")} -verify_return_error -servername test.example`;
    await until(
      async () => (await opensslClient(saker.httpsPort, verify)).includes("Verification: OK"),
      "the renewed certificate is shown",
    );
    expect((await before.request(requestOctets("/"))).text).toBe("home");
    expect(saker.workerPids()).toEqual(workers);
  });
});

test("a reload adds HTTPS, and takes it away", async () => {
  const plain = `num_workers = 2\n`;
  await using saker = await startSaker({ config: plain, site: SITE });
  expect((await saker.get("/")).text).toBe("home");
  await saker.configure(TLS);
  saker.signal("SIGHUP");
  const client = await saker.connectSecurely();
  expect((await client.request(requestOctets("/"))).text).toBe("home");
  client.close();
  const { httpsPort } = saker;
  await saker.configure(plain);
  const old = saker.workerPids();
  saker.signal("SIGHUP");
  await saker.workersSettled(2, old);
  await until(
    () =>
      RawClient.connect(httpsPort).then(
        (late) => (late.close(), false),
        () => true,
      ),
    "the port is closed",
  );
  expect((await saker.get("/")).text).toBe("home");
});
