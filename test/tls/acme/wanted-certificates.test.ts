/** Which certificates are wanted, where they are kept, and what is served while they aren't there. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadSettings } from "../../../src/config/load-settings.ts";
import { acmeSources } from "../../../src/tls/acme/acme-sources.ts";
import { certificateFile, storageFolder, wantedCertificates } from "../../../src/tls/acme/wanted-certificates.ts";
import { madeIds } from "../../../src/tls/credential-sources.ts";
import { issueAuthority, issueForServer } from "../../../src/tls/x509/issue.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "saker-wanted-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function settingsOf(...argv: string[]) {
  return loadSettings({ argv: ["--no-config", ...argv], env: {}, cwd: FOLDER });
}

const NAMES = ["--domain", "A.example", "--domain", "b.example"];
const STORAGE = ["--tls-acme-storage", join(FOLDER, "acme")];

describe("what is wanted", () => {
  test("a certificate for each name", () => {
    expect(wantedCertificates(settingsOf(...NAMES))).toEqual([
      { id: "a.example", names: ["a.example"] },
      { id: "b.example", names: ["b.example"] },
    ]);
  });

  test("one for all names, under another identifier for other names", () => {
    const [one] = wantedCertificates(settingsOf(...NAMES, "--tls-acme-one-certificate"));
    const [other] = wantedCertificates(settingsOf(...NAMES, "--domain", "c.example", "--tls-acme-one-certificate"));
    expect(one!.names).toEqual(["a.example", "b.example"]);
    expect([one!.id, other!.id]).toEqual([
      expect.stringMatching(/^a\.example\+1-[0-9a-f]{8}$/),
      expect.stringContaining("+2-"),
    ]);
  });

  test("names of folders that no path leads out of", () => {
    const argv = ["--domain", "*.a.example", "--domain", "2001:db8::1"];
    const settings = settingsOf("--domain", "2001:DB8::1");
    expect(wantedCertificates(settings)[0]).toEqual({ id: "2001_db8__1", names: ["2001:db8::1"] });
    expect(() => settingsOf(...argv)).toThrow("dns-01");
    const dns = settingsOf("--domain", "*.a.example", "--tls-acme-challenge", "dns-01", "--tls-acme-dns-hook", "hook");
    expect(wantedCertificates(dns)[0]).toEqual({ id: "_.a.example", names: ["*.a.example"] });
  });

  test("in the folder for state, or where the settings say", () => {
    const settings = settingsOf(...NAMES);
    expect(storageFolder(settings, { STATE_DIRECTORY: "/var/lib/saker" })).toBe("/var/lib/saker/acme");
    expect(storageFolder(settings, { HOME: "/home/me" })).toBe("/home/me/.local/share/saker/acme");
    expect(storageFolder(settingsOf(...NAMES, ...STORAGE), {})).toBe(join(FOLDER, "acme"));
  });

  test("nothing without the table", () => {
    expect([wantedCertificates(settingsOf()), madeIds(settingsOf())]).toEqual([[], []]);
  });
});

describe("sources of the store", () => {
  const settings = settingsOf("--domain", "a.example", ...STORAGE);
  const file = certificateFile(join(FOLDER, "acme"), "a.example");
  const period = { notBeforeMs: Date.now(), notAfterMs: Date.now() + 86_400_000 };
  const pair = issueForServer(["a.example"], issueAuthority("a", "b", period), period);
  const put = (text: string): void => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const sourceOf = () => acmeSources(settings, {})[0]!;

  test("one stands in for the others, and comes last", () => {
    const outcome = acmeSources(settings, {}).at(-1)!.read(Date.now());
    expect(outcome.isGood && outcome.piece.facts).toMatchObject({ kind: "pair", names: ["a.example"] });
    expect(madeIds(settings)).toEqual(["acme:a.example", "placeholder"]);
    expect(madeIds(settingsOf("--domain", "a.example", "--https"))).toEqual(["acme:a.example", "self-signed"]);
  });

  test("no file is no fault at first; a broken one is said", () => {
    rmSync(dirname(file), { recursive: true, force: true });
    const absent = sourceOf().read(Date.now());
    expect(absent).toMatchObject({ isGood: true, piece: { facts: { kind: "absent" } }, warnings: [] });
    put("garbage");
    const broken = sourceOf().read(Date.now());
    expect(broken).toMatchObject({ isGood: true, piece: { facts: { kind: "absent" } } });
    expect(broken.isGood && broken.warnings[0]!.text).toContain("holds no certificate in PEM");
  });

  test("one that was read isn't given up for a bad one", () => {
    put(pair.certificate + pair.key);
    const source = sourceOf();
    const before = source.version();
    expect(source.read(Date.now())).toMatchObject({ isGood: true, piece: { facts: { kind: "pair" } } });
    for (const text of ["", pair.certificate, pair.key]) {
      put(text);
      expect(source.read(Date.now()).isGood).toBe(false);
    }
    rmSync(file);
    expect(source.read(Date.now()).isGood).toBe(false);
    expect(source.version()).not.toBe(before);
  });
});
