/**
 * Certificates for tests, made when they are needed: none lies in the repository, where it would expire one day.
 *
 * Out:   pairs by an authority of the tests' own (in memory, or as files), and whatever else openssl makes.
 */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueAuthority, issueForServer, type IssuedPair, type Period } from "../../src/tls/x509/issue.ts";

const DAY_MS = 86_400_000;

/** From a day ago, for that many days from now on. */
export function period(days: number): Period {
  const nowMs = Date.now();
  return { notBeforeMs: nowMs - DAY_MS, notAfterMs: nowMs + days * DAY_MS };
}

export function makeAuthority(name = "authority of a test"): IssuedPair {
  return issueAuthority("saker", name, period(3650));
}

let shared: IssuedPair | null = null;

/** One authority for all that don't need one of their own. */
export function testAuthority(): IssuedPair {
  return (shared ??= makeAuthority());
}

export function makePair(names: readonly string[], { authority = testAuthority(), days = 90 } = {}): IssuedPair {
  return issueForServer(names, authority, period(days));
}

/** A folder for a test's files, and what is put there. */
export class CertificateFolder implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "saker-certificates-")));

  at(name: string): string {
    return join(this.path, name);
  }

  write(name: string, text: string, mode = 0o600): string {
    writeFileSync(this.at(name), text, { mode });
    return this.at(name);
  }

  /** Writes NAME.pem and NAME.key; returns their paths. */
  writePair(name: string, { certificate, key }: IssuedPair): { certificate: string; key: string } {
    return { certificate: this.write(`${name}.pem`, certificate), key: this.write(`${name}.key`, key) };
  }

  /** Runs openssl in the folder; throws what it says when it fails. `extensions`: what `-extfile ext` refers to. */
  openssl(command: string, extensions = ""): string {
    writeFileSync(this.at("ext"), extensions);
    const { exitCode, stdout, stderr } = Bun.spawnSync(["openssl", ...command.split(" ")], { cwd: this.path });
    if (exitCode !== 0) throw new Error(`openssl ${command}: ${stderr}`);
    return stdout.toString();
  }

  /** A request for a certificate of `subject`, and its key: NAME.csr, NAME.key. `kind`: as `-newkey` has it. */
  request(name: string, subject: string, kind = "ec -pkeyopt ec_paramgen_curve:P-256"): void {
    this.openssl(`req -newkey ${kind} -nodes -keyout ${name}.key -out ${name}.csr -subj ${subject}`);
  }

  /** NAME.pem, signed by ISSUER.pem and ISSUER.key. */
  sign(name: string, issuer: string, extensions: string): void {
    const by = `-CA ${issuer}.pem -CAkey ${issuer}.key -CAcreateserial`;
    this.openssl(`x509 -req -in ${name}.csr ${by} -days 30 -out ${name}.pem -extfile ext`, extensions);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
