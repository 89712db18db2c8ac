/** Certificates that a running server gets by itself, from Debian's pebble. */
import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type PeerCertificate } from "node:tls";
import { certificateFile } from "../../src/tls/acme/wanted-certificates.ts";
import { until } from "../support/deadline.ts";
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

describe.skipIf(!isPebbleHere)(`certificates by themselves${pebbleIsMissing}`, () => {
  test("the first start serves at once, and swaps in the certificate when it comes", async () => {
    await using bed = await Bed.make({ delaySeconds: 2 });
    await using saker = await bed.start();
    const first = await bed.shown();
    expect(first.subjectaltname).toContain(`DNS:${NAME}`);
    expect(isOfPebble(first)).toBe(false);
    const issued = await bed.issued();
    expect(issued.subjectaltname).toBe(`DNS:${NAME}`);
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

async function runCtl(saker: Saker, ...words: string[]) {
  return await runSaker(["ctl", ...words, "--config", saker.configFile, "--pid", String(saker.pid)]);
}
