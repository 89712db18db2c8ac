/**
 * The certificate all contenders show: ECDSA P-256, self-signed, made for each run by openssl.
 *
 * In:    an empty folder.
 * Out:   `Certificate`: paths of two PEM files, and of one with both in it.
 * Keeps: clients here don't verify it; its key is worth nothing and goes with the folder.
 * Fails: throws when openssl isn't there or fails.
 * Source: openssl-req(1).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificate {
  certificate: string;
  key: string;
  /** Key and certificate in one file, as lighttpd of old wants it. */
  both: string;
}

/** The name in it; clients send no other. */
export const SERVER_NAME = "localhost";

export function makeCertificate(folder: string): Certificate {
  const paths = {
    certificate: join(folder, "certificate.pem"),
    key: join(folder, "key.pem"),
    both: join(folder, "key-and-certificate.pem"),
  };
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const names = ["-subj", `/CN=${SERVER_NAME}`, "-addext", `subjectAltName=DNS:${SERVER_NAME},IP:127.0.0.1`];
  const files = ["-keyout", paths.key, "-out", paths.certificate];
  const { exitCode, stderr } = Bun.spawnSync(["openssl", "req", "-x509", ...kind, "-days", "30", ...names, ...files]);
  if (exitCode !== 0) throw new Error(`openssl req failed: ${stderr.toString().trim()}`);
  writeFileSync(paths.both, `${readFileSync(paths.key, "utf8")}${readFileSync(paths.certificate, "utf8")}`);
  return paths;
}
