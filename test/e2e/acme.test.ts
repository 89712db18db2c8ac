/** Certificates that a running server gets by itself, from Debian's pebble. */
import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type PeerCertificate } from "node:tls";
import { certificateFile } from "../../src/tls/acme/wanted-certificates.ts";
import { until } from "../support/deadline.ts";
import { childrenOf, commandLineOf, isAlive } from "../support/processes.ts";
import { runSaker, type Saker, type SakerOptions, startSaker } from "../support/saker.ts";
import {
  freePort,
  isPebbleHere,
  type Pebble,
  type PebbleOptions,
  pebbleIsMissing,
  startPebble,
} from "../tls/acme/support/pebble.ts";

const NAME = "a.example";

/** Ports of a server, and pebble that looks for proofs there. */
class Bed implements AsyncDisposable {
  readonly storage = mkdtempSync(join(tmpdir(), "saker-acme-e2e-"));

  private constructor(
    readonly pebble: Pebble,
    readonly httpPort: number,
    readonly httpsPort: number,
  ) {}

  static async make(options: PebbleOptions = {}): Promise<Bed> {
    const [httpPort, httpsPort] = await Promise.all([freePort(), freePort()]);
    return new Bed(await startPebble({ httpPort, tlsPort: httpsPort, ...options }), httpPort, httpsPort);
  }

  /** A server whose certificates come from this pebble. `toml`: of `[tls.acme]`, then of other tables. */
  start(toml = "", { args = [], ...options }: SakerOptions = {}): Promise<Saker> {
    return startSaker({
      site: { "index.html": "hello" },
      ...options,
      args: ["--port", String(this.httpPort), "--https-port", String(this.httpsPort), ...args],
      config: `log_level = "info"
[tls.acme]
names = ["${NAME}"]
agree_to_terms = true
directory = "${this.pebble.directoryUrl}"
directory_ca = "${this.pebble.authoritiesFile}"
storage = "${this.storage}"
${toml}`,
    });
  }

  /** The certificate that a browser is shown. */
  async shown(name = NAME, port = this.httpsPort): Promise<PeerCertificate> {
    const { promise, resolve, reject } = Promise.withResolvers<PeerCertificate>();
    const options = { host: "127.0.0.1", port, servername: name, rejectUnauthorized: false };
    const socket = connect(options, () => resolve(socket.getPeerCertificate()));
    socket.on("error", reject);
    try {
      return await promise;
    } finally {
      socket.destroy();
    }
  }

  /** Waits until browsers are shown a certificate of the authority's, other than one that was shown before. */
  issued(name = NAME, before = "", port = this.httpsPort): Promise<PeerCertificate> {
    return until(async () => {
      const certificate = await this.shown(name, port);
      return isOfPebble(certificate) && certificate.fingerprint256 !== before ? certificate : null;
    }, `there is a certificate for ${name}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pebble[Symbol.asyncDispose]();
    rmSync(this.storage, { recursive: true, force: true });
  }
}

const isOfPebble = ({ issuer }: PeerCertificate): boolean => String(issuer.CN).startsWith("Pebble");

// Each has an authority, a storage and a server of its own, and mostly waits for the one or the other.
describe.concurrent.skipIf(!isPebbleHere)(`certificates by themselves${pebbleIsMissing}`, () => {
  test("the first start serves at once, and swaps in the certificate when it comes", async () => {
    await using bed = await Bed.make({ delaySeconds: 2 });
    await using saker = await bed.start();
    const first = await bed.shown();
    expect(first.subjectaltname).toContain(`DNS:${NAME}`);
    expect(isOfPebble(first)).toBe(false);
    const helper = await until(() => helperOf(saker), "the helper runs");
    await until(
      () => /NoNewPrivs:\t1\n/.test(statusOf(helper)) && /Seccomp:\t2\n/.test(statusOf(helper)),
      "it is confined",
    );
    const issued = await bed.issued();
    expect(issued.subjectaltname).toBe(`DNS:${NAME}`);
    await until(() => helperOf(saker) === undefined, "the helper has ended");
    await saker.printed(/a new certificate: a\.example by Pebble .*, because there is none/);
    const answer = await fetch(`https://127.0.0.1:${bed.httpsPort}/`, {
      headers: { Host: NAME },
      tls: { ca: await bed.pebble.root(), serverName: NAME } as object,
    });
    expect(await answer.text()).toBe("hello");
  });

  test("a server that starts again with what it has kept asks for nothing", async () => {
    await using bed = await Bed.make();
    const first = await bed.start();
    const { fingerprint256 } = await bed.issued();
    await first.stop();
    await first[Symbol.asyncDispose]();
    await using again = await bed.start();
    expect((await bed.shown()).fingerprint256).toBe(fingerprint256);
    expect(again.stderr).not.toContain("new certificate");
  });

  test("proofs pass guards, redirects, unknown hosts and limits, and are no files", async () => {
    await using bed = await Bed.make();
    const site = {
      ".well-known/acme-challenge/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": "a file",
      ".well-known/other": "another",
      "index.html": "hello",
    };
    const toml = `[rate_limit]
requests_per_second = 0.001
burst = 1
[[basic_auth]]
path = "/*"
users = ["me:$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
[[redirect]]
from = "/*"
to = "/index.html"
[[virtual_host]]
names = ["b.example"]
`;
    await using saker = await bed.start(toml, { site });
    await bed.issued();
    for (const path of [
      "/.well-known/acme-challenge/",
      "/.well-known/acme%2Dchallenge/",
      "/x/../.well-known/acme-challenge/",
    ]) {
      const answer = await saker.get(`${path}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`);
      expect(answer.text).not.toBe("a file");
    }
  });

  test("tls-alpn-01, while browsers get the certificate that they should", async () => {
    await using bed = await Bed.make({ delaySeconds: 1 });
    await using saker = await bed.start('challenge = "tls-alpn-01"');
    const issued = await bed.issued();
    let isOrdering = true;
    const renewed = runCtl(saker, "RENEW", NAME).finally(() => (isOrdering = false));
    while (isOrdering) expect(isOfPebble(await bed.shown())).toBe(true);
    expect((await renewed).stdout).toContain("a new certificate: a.example");
    await bed.issued(NAME, issued.fingerprint256);
  });

  test("renewed and revoked on demand", async () => {
    await using bed = await Bed.make();
    await using saker = await bed.start();
    const first = await bed.issued();
    expect((await runCtl(saker, "REVOKE", NAME)).stdout).toContain("a new certificate");
    const second = await bed.issued(NAME, first.fingerprint256);
    expect(await bed.pebble.statusOf(first.serialNumber)).toBe("Revoked");
    expect(await bed.pebble.statusOf(second.serialNumber)).toBe("Valid");
    expect((await runCtl(saker, "RENEW", "b.example")).stderr).toContain("saker gets no certificate for b.example");
  });

  test("one machine's order is proven by another that shares the storage", async () => {
    await using bed = await Bed.make();
    // The authority reaches the one in front, which orders nothing.
    await using front = await bed.start("", { args: ["--no-tls-acme-agree-to-terms"] });
    await front.printed(/terms must be agreed to/);
    await using behind = await bed.start("", { args: ["--port", "0", "--https-port", "0"] });
    await behind.printed(/a new certificate: a\.example/);
    await bed.issued();
    expect(front.stderr).not.toContain("a new certificate");
  });

  test("what can't be proven is said, in the log and by /health; the site goes on", async () => {
    await using bed = await Bed.make({ httpPort: 1 });
    await using saker = await bed.start();
    await saker.printed(/no certificate for a\.example: a\.example: .*; next attempt at 20\d\d-/);
    expect(isOfPebble(await bed.shown())).toBe(false);
  });

  test("without agreement the terms are named, and nothing is ordered", async () => {
    await using bed = await Bed.make();
    await using saker = await bed.start("", { args: ["--no-tls-acme-agree-to-terms"] });
    await saker.printed(/the certificate authority's terms must be agreed to: \S+ \(agree_to_terms = true/);
  });

  test("a reload with another name gets a certificate for it, and the site goes on", async () => {
    await using bed = await Bed.make();
    await using saker = await bed.start();
    await bed.issued();
    const settings = await readFile(saker.configFile, "utf8");
    await writeFile(saker.configFile, settings.replace(`names = ["${NAME}"]`, `names = ["${NAME}", "b.example"]`));
    saker.signal("SIGHUP");
    await bed.issued("b.example");
    expect((await bed.shown()).subjectaltname).toBe(`DNS:${NAME}`);
  });

  test("a master that is killed takes the helper with it, and the next one goes on with the same order", async () => {
    await using bed = await Bed.make({ delaySeconds: 3 });
    const first = await bed.start();
    const journal = join(bed.storage, "certificates", NAME, "unfinished.json");
    const order = await until(() => orderIn(journal), "an order is placed");
    const helper = helperOf(first)!;
    first.signal("SIGKILL");
    await until(() => !isAlive(helper), "the helper has ended");
    await first[Symbol.asyncDispose]();
    await using second = await bed.start();
    await bed.issued();
    expect(second.stderr).toContain("a new certificate");
    expect(order).toStartWith("https://");
    expect(existsSync(journal)).toBe(false);
  });

  test("an upgrade meanwhile loses nothing", async () => {
    await using bed = await Bed.make({ delaySeconds: 3 });
    await using saker = await bed.start();
    await until(() => orderIn(join(bed.storage, "certificates", NAME, "unfinished.json")), "an order is placed");
    expect(await runSaker(["upgrade", "--config", saker.configFile, "--pid", String(saker.pid)])).toMatchObject({
      exitCode: 0,
    });
    await bed.issued();
    const { fingerprint256 } = await bed.shown();
    expect((await runCtl(saker, "RENEW", NAME)).stdout).toContain("a new certificate");
    await bed.issued(NAME, fingerprint256);
  });

  test("a storage that goes away: what is served stays, what is wrong is said", async () => {
    await using bed = await Bed.make();
    await using saker = await bed.start();
    const { fingerprint256 } = await bed.issued();
    rmSync(bed.storage, { recursive: true });
    writeFileSync(bed.storage, "a file where the folder was");
    const { stderr } = await runCtl(saker, "RENEW", NAME);
    expect(stderr).toContain(`no certificate for ${NAME}: `);
    expect((await bed.shown()).fingerprint256).toBe(fingerprint256);
    const health = (await (await fetch(`http://127.0.0.1:${bed.httpPort}/health`)).json()) as { warnings: string[] };
    expect(health.warnings.join()).toContain(`certificate for ${NAME}`);
    expect(health.warnings.join()).not.toContain(bed.storage);
  });

  test("what it has is listed, with when it is renewed", async () => {
    await using bed = await Bed.make();
    await using saker = await bed.start();
    await bed.issued();
    const { stdout, exitCode } = await runSaker(["certificates", "--config", saker.configFile]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/names {5}a\.example\n {2}issuer {4}Pebble/);
    expect(stdout).toMatch(/renewal {3}20\d\d-.*Z: most of its time is over/);
    const metrics = await (await fetch(`http://127.0.0.1:${bed.httpPort}/metrics`)).text();
    expect(metrics).toContain('saker_acme_orders_total{result="issued"} 1\n');
    expect(metrics).toMatch(/saker_acme_next_renewal_timestamp_seconds\{name="a\.example"\} \d+/);
    expect(metrics).toMatch(/saker_tls_certificate_expiry_timestamp_seconds\{name="a\.example"\} \d+/);
    expect((await runSaker(["certificates", "renew", "--config", saker.configFile])).exitCode).toBe(2);
    const asked = ["certificates", "renew", NAME, "--config", saker.configFile, "--pid", String(saker.pid)];
    expect((await runSaker(asked)).stdout).toContain("a new certificate: a.example");
  });

  test("broken files in the storage: the server starts, and gets the certificate anew", async () => {
    await using bed = await Bed.make();
    const first = await bed.start();
    const { fingerprint256 } = await bed.issued();
    await first.stop();
    await first[Symbol.asyncDispose]();
    const file = certificateFile(bed.storage, NAME);
    writeFileSync(file, readFileSync(file, "utf8").slice(0, 700));
    writeFileSync(join(bed.storage, "certificates", NAME, "state.json"), "{");
    await using again = await bed.start();
    await bed.issued(NAME, fingerprint256);
    expect(again.stderr).toContain("certificate.pem");
    expect(existsSync(file)).toBe(true);
  });
});

/** The order that a journal has. */
function orderIn(journal: string): string | null {
  try {
    return (JSON.parse(readFileSync(journal, "utf8")) as { order: string | null }).order;
  } catch {
    return null; // not yet, or not any more
  }
}

/** The helper's process, while it runs. */
function helperOf(saker: Saker): number | undefined {
  return childrenOf(saker.pid).find((pid) => commandLineOf(pid).some((word) => word.startsWith("--saker-acme")));
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "latin1");
  } catch {
    return ""; // it has ended
  }
}

async function runCtl(saker: Saker, ...words: string[]) {
  return await runSaker(["ctl", ...words, "--config", saker.configFile, "--pid", String(saker.pid)]);
}
