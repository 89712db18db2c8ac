/** The master's certificates: what is read at a start and at a reload, and what becomes of files that change. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, fstatSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { loadSettings } from "../../src/config/load-settings.ts";
import type { Settings } from "../../src/config/settings.ts";
import { CredentialMemoryReader } from "../../src/tls/credential-memory.ts";
import type { CredentialFacts, PairFacts } from "../../src/tls/credential-facts.ts";
import { CredentialStore } from "../../src/tls/credential-store.ts";
import { issueForServer } from "../../src/tls/x509/issue.ts";
import { CertificateFolder, makeAuthority, makePair, testAuthority } from "../support/certificates.ts";

const folder = new CertificateFolder();
afterAll(() => folder[Symbol.dispose]());

const lines: string[] = [];
const log = {
  info: (line: string) => void lines.push(`info ${line}`),
  warn: (line: string) => void lines.push(`warn ${line}`),
  error: (line: string) => void lines.push(`error ${line}`),
};
const opened: CredentialStore[] = [];
beforeEach(() => void lines.splice(0));
afterEach(() => opened.splice(0).forEach((store) => store.close()));

function settingsOf(toml: string): Settings {
  folder.write("saker.toml", toml);
  return loadSettings({ argv: ["--config", "saker.toml"], env: {}, cwd: folder.path });
}

function open(toml: string, inheritedFd?: number): CredentialStore {
  const store = CredentialStore.open(settingsOf(toml), { log, env: { STATE_DIRECTORY: folder.path }, inheritedFd });
  opened.push(store);
  return store;
}

/** Names of the certificates that workers find. */
function published(store: CredentialStore): string[] {
  const reader = new CredentialMemoryReader<CredentialFacts>(store.fdForWorkers!);
  const pairs = [...reader.pieces.values()].filter(({ facts }) => facts.kind === "pair");
  return pairs.map(({ facts }) => (facts as PairFacts).names.join(" ")).toSorted();
}

const put = (file: string, name: string): void => void folder.writePair(file, makePair([name]));
const pair = (name: string): string => `certificate = "${name}.pem"\nkey = "${name}.key"\n`;
const A = `[tls]\n${pair("a")}`;

/** As the watch does it: looks until nothing changes any more, each some time after the other. */
class Looks {
  private nowMs = Date.now();

  constructor(private readonly store: CredentialStore) {}

  /** What is said in that time. */
  for(ms: number): string[] {
    const before = lines.length;
    for (let passed = 0; passed < ms; passed += 250) this.store.look((this.nowMs += 250));
    return lines.slice(before).map((line) => line.replaceAll(`${folder.path}/`, ""));
  }
}

describe("at a start", () => {
  test("what can be served is published, for workers to read", () => {
    put("a", "a.example");
    const store = open(A);
    expect(published(store)).toEqual(["a.example"]);
    expect(fstatSync(store.fd!).mode & 0o777).toBe(0o600);
    expect(store.version).toBe(1);
  });

  test("one file for certificate and key", () => {
    const { certificate, key } = makePair(["one.example"]);
    for (const text of [certificate + key, key + certificate]) {
      folder.write("one.pem", text);
      expect(published(open('[tls]\ncertificate = "one.pem"\n'))).toEqual(["one.example"]);
    }
    folder.write("one.pem", certificate);
    const where = "(key isn't set, so it is looked for in the certificate's file)";
    const failed = (problem: string) => `key ${folder.at("one.pem")} ${problem} ${where}`;
    const one = '[tls]\ncertificate = "one.pem"\n';
    expect(() => open(one)).toThrow(failed("holds no private key in PEM"));
    folder.write("one.pem", certificate + makePair(["other.example"]).key);
    expect(() => open(one)).toThrow(failed("does not belong to the certificate"));
  });

  test("no HTTPS: there is nothing", () => {
    const store = open("");
    expect([store.fd, store.fdForWorkers, store.version]).toEqual([null, null, 0]);
    store.look();
  });

  test.each<[string, () => void, string]>([
    ["a certificate that is missing", () => rmSync(folder.at("a.pem")), "certificate a.pem does not exist"],
    ["a key that is missing", () => rmSync(folder.at("a.key")), "key a.key does not exist"],
    [
      "a key of another one",
      () => void folder.write("a.key", makePair(["x"]).key),
      "key a.key does not belong to the certificate",
    ],
    ["a folder", () => (rmSync(folder.at("a.key")), mkdirSync(folder.at("a.key"))), "key a.key is no file"],
    ["what is no certificate", () => void folder.write("a.pem", "x"), "certificate a.pem holds no certificate in PEM"],
    ["a huge file", () => void folder.write("a.pem", "x".repeat(1_048_577)), "certificate a.pem is too large"],
  ])("%s", (_, spoil, line) => {
    rmSync(folder.at("a.key"), { recursive: true, force: true });
    put("a", "a.example");
    spoil();
    expect(() => open(A)).toThrow(line.replace(/(a\.(pem|key))/, `${folder.path}/$1`));
    rmSync(folder.at("a.key"), { recursive: true, force: true });
  });

  test("client authorities that are none", () => {
    put("a", "a.example");
    folder.write("ca.pem", "nothing");
    const toml = `${A}client_certificates = "required"\nclient_ca = "ca.pem"\n`;
    expect(() => open(toml)).toThrow(`client_ca ${folder.at("ca.pem")} holds no certificate in PEM`);
    folder.write("ca.pem", makeAuthority().certificate);
    expect(() => open(`${toml}client_crl = "ca.pem"\n`)).toThrow("holds no list of revoked certificates");
    open(toml);
  });

  test("warnings are logged, one line each", () => {
    put("a", "a.example");
    chmodSync(folder.at("a.key"), 0o644);
    open(A);
    expect(lines).toContain(`warn key ${folder.at("a.key")} can be read by every user of this machine`);
  });
});

describe("files that change", () => {
  beforeEach(() => {
    for (const name of ["a.pem", "a.key"]) rmSync(folder.at(name), { recursive: true, force: true });
    put("a", "a.example");
  });

  const replaced = ["info a.pem has changed, and serves new connections: b.example, until"];
  const begins = (said: readonly string[]): string[] =>
    said.filter((line) => !line.startsWith("warn")).map((line) => line.replace(/until .*/, "until"));

  test.each<[string, () => void]>([
    ["written in place", () => put("a", "b.example")],
    [
      "replaced by rename",
      () => {
        put("new", "b.example");
        renameSync(folder.at("new.pem"), folder.at("a.pem"));
        renameSync(folder.at("new.key"), folder.at("a.key"));
      },
    ],
    [
      "removed and made again",
      () => {
        unlinkSync(folder.at("a.pem"));
        unlinkSync(folder.at("a.key"));
        put("a", "b.example");
      },
    ],
  ])("%s", (_, change) => {
    const store = open(A);
    const versions: number[] = [];
    store.onChange = (version) => void versions.push(version);
    const looks = new Looks(store);
    expect(looks.for(1000)).toEqual([]);
    change();
    expect(begins(looks.for(750))).toEqual(replaced);
    expect(published(store)).toEqual(["b.example"]);
    expect(versions).toEqual([2]);
    expect(begins(looks.for(10_000))).toEqual([]);
  });

  test("a link that is switched, as certbot and Kubernetes do it", () => {
    for (const [release, name] of [
      ["r1", "a.example"],
      ["r2", "b.example"],
    ] as const) {
      mkdirSync(folder.at(release));
      put(`${release}/tls`, name);
    }
    symlinkSync("r1", folder.at("live"));
    const store = open('[tls]\ncertificate = "live/tls.pem"\nkey = "live/tls.key"\n');
    expect(published(store)).toEqual(["a.example"]);
    symlinkSync("r2", folder.at("live.new"));
    renameSync(folder.at("live.new"), folder.at("live"));
    expect(begins(new Looks(store).for(750))).toHaveLength(1);
    expect(published(store)).toEqual(["b.example"]);
  });

  test("half a pair is not yet a fault; the old one stays until the other half is there", () => {
    const store = open(A);
    const looks = new Looks(store);
    const next = makePair(["b.example"]);
    folder.write("a.pem", next.certificate);
    expect(looks.for(3000)).toEqual([]);
    expect(published(store)).toEqual(["a.example"]);
    folder.write("a.key", next.key);
    expect(begins(looks.for(750))).toEqual(replaced);
    expect(published(store)).toEqual(["b.example"]);
  });

  test("one that stays bad is complained about once, and is taken when it is good", () => {
    const store = open(A);
    const looks = new Looks(store);
    const next = makePair(["b.example"]);
    folder.write("a.pem", next.certificate);
    expect(looks.for(60_000)).toEqual(["error key a.key does not belong to the certificate; the former one stays"]);
    expect(published(store)).toEqual(["a.example"]);
    folder.write("a.key", next.key);
    expect(begins(looks.for(750))).toEqual(replaced);
  });

  test.each<[string, () => void, string]>([
    ["a certificate that vanishes", () => rmSync(folder.at("a.pem")), "certificate a.pem does not exist"],
    ["one that is emptied", () => void folder.write("a.pem", ""), "certificate a.pem holds no certificate in PEM"],
    [
      "a key that is a folder now",
      () => (rmSync(folder.at("a.key")), mkdirSync(folder.at("a.key"))),
      "key a.key is no file",
    ],
  ])("%s leaves the former one", (_, spoil, line) => {
    const store = open(A);
    spoil();
    expect(new Looks(store).for(20_000)).toEqual([`error ${line}; the former one stays`]);
    expect(published(store)).toEqual(["a.example"]);
  });

  describe("a pair that isn't valid now doesn't take the place of one that is", () => {
    const DAY_MS = 86_400_000;
    const nowMs = Date.now();
    const valid = (fromDays: number, toDays: number, ...names: string[]): void => {
      const period = { notBeforeMs: nowMs + fromDays * DAY_MS, notAfterMs: nowMs + toDays * DAY_MS };
      folder.writePair("a", issueForServer(names, testAuthority(), period));
    };

    test.each<[string, [number, number], RegExp]>([
      ["expired", [-3, -1], /^error certificate a\.pem expired on \S+; the former one stays, until \S+$/],
      ["not yet valid", [1, 3], /^error certificate a\.pem is not valid before \S+; the former one stays, until \S+$/],
    ])("%s: it is said once", (_, [fromDays, toDays], line) => {
      const store = open(A);
      valid(fromDays, toDays, "b.example");
      const said = new Looks(store).for(20_000).filter((text) => !text.startsWith("warn"));
      expect(said).toEqual([expect.stringMatching(line)]);
      expect(published(store)).toEqual(["a.example"]);
    });

    test("one that becomes valid is served then, without another change of the file", () => {
      const store = open(A);
      valid(1, 30, "b.example");
      new Looks(store).for(1000);
      store.look(nowMs + DAY_MS - 1000);
      expect(published(store)).toEqual(["a.example"]);
      store.look(nowMs + DAY_MS + 1000);
      expect(published(store)).toEqual(["b.example"]);
    });

    test("once the former one isn't valid either, the files count", () => {
      valid(-2, 1, "a.example");
      const store = open(A);
      valid(-3, -1, "b.example");
      new Looks(store).for(1000);
      store.look(nowMs + DAY_MS + 1000);
      expect(published(store)).toEqual(["b.example"]);
    });

    test("a renewal after it is served at once", () => {
      const store = open(A);
      valid(-3, -1, "b.example");
      const looks = new Looks(store);
      looks.for(1000);
      valid(-1, 30, "c.example");
      looks.for(750);
      expect(published(store)).toEqual(["c.example"]);
    });

    test("nor over an upgrade", () => {
      const before = open(A);
      valid(-3, -1, "b.example");
      opened.splice(0);
      const after = open(A, before.fd!);
      expect(published(after)).toEqual(["a.example"]);
      const said = new Looks(after).for(10_000).filter((text) => !text.startsWith("warn"));
      expect(said).toEqual([expect.stringContaining("expired on")]);
    });

    test("where there is no other, it is served, with a warning", () => {
      valid(-3, -1, "b.example");
      const store = open(A);
      expect(published(store)).toEqual(["b.example"]);
      expect(lines.join("\n")).toContain("expired on");
    });
  });

  test("one that is bad for a moment and then as before is no news", () => {
    const store = open(A);
    const looks = new Looks(store);
    renameSync(folder.at("a.pem"), folder.at("away"));
    expect(looks.for(1000)).toEqual([]);
    renameSync(folder.at("away"), folder.at("a.pem"));
    expect(looks.for(1000).filter((line) => line.startsWith("error"))).toEqual([]);
    expect(published(store)).toEqual(["a.example"]);
  });
});

describe("at a reload", () => {
  beforeEach(() => ["a", "b", "c"].forEach((name) => put(name, `${name}.example`)));
  const TWO = `[[tls.certificate]]\n${pair("a")}[[tls.certificate]]\n${pair("b")}`;
  const OTHER_TWO = `[[tls.certificate]]\n${pair("b")}[[tls.certificate]]\n${pair("c")}`;

  test("both configurations are published until the new one is adopted", () => {
    const store = open(TWO);
    const change = store.prepare(settingsOf(OTHER_TWO));
    expect(published(store)).toEqual(["a.example", "b.example", "c.example"]);
    store.adopt(change);
    expect(published(store)).toEqual(["b.example", "c.example"]);
  });

  test("an abandoned one leaves no trace", () => {
    const store = open(TWO);
    store.abandon(store.prepare(settingsOf(OTHER_TWO)));
    expect(published(store)).toEqual(["a.example", "b.example"]);
  });

  test("a new file that is bad refuses it; one that has turned bad since it was read doesn't", () => {
    const store = open(TWO);
    folder.write("b.pem", "x");
    folder.write("c.pem", "x");
    expect(() => store.prepare(settingsOf(OTHER_TWO))).toThrow("c.pem holds no certificate in PEM");
    put("c", "c.example");
    store.adopt(store.prepare(settingsOf(OTHER_TWO)));
    expect(published(store)).toEqual(["b.example", "c.example"]);
  });

  test("HTTPS that comes, goes and comes again", () => {
    const store = open("");
    store.adopt(store.prepare(settingsOf(TWO)));
    expect(published(store)).toEqual(["a.example", "b.example"]);
    store.adopt(store.prepare(settingsOf("")));
    put("a", "z.example");
    expect(new Looks(store).for(1000)).toEqual([]);
    store.adopt(store.prepare(settingsOf(TWO)));
    expect(published(store)).toEqual(["b.example", "z.example"]);
  });

  test("a self-signed certificate is for the names of the new configuration", () => {
    const own = (name: string): string => `[tls]\nself_signed = true\n[[virtual_host]]\nnames = ["${name}.example"]\n`;
    const store = open(own("one"));
    expect(published(store)[0]).toStartWith("one.example localhost 127.0.0.1 ::1");
    store.adopt(store.prepare(settingsOf(own("two"))));
    expect(published(store)[0]).toStartWith("two.example localhost");
    const { version } = store;
    store.adopt(store.prepare(settingsOf(own("two"))));
    expect(new CredentialMemoryReader(store.fdForWorkers!).pieces.size).toBe(1);
    expect(store.version).toBe(version);
  });
});

describe("for the next program in the process", () => {
  test("what was published is there for sources that are bad at that moment", () => {
    put("a", "a.example");
    const before = open(A);
    const reader = new CredentialMemoryReader<CredentialFacts>(before.fdForWorkers!);
    folder.write("a.pem", "x");
    opened.splice(0);
    const after = open(A, before.fd!);
    expect(after.fd).toBe(before.fd);
    expect(published(after)).toEqual(["a.example"]);
    expect(reader.refresh()).toBe(true);
    const looks = new Looks(after);
    expect(looks.for(10_000)).toEqual(["error certificate a.pem holds no certificate in PEM; the former one stays"]);
    put("a", "b.example");
    looks.for(750);
    expect(reader.refresh()).toBe(true);
    expect(published(after)).toEqual(["b.example"]);
  });

  test("memory of a format that isn't known is left alone", async () => {
    put("a", "a.example");
    using other = new CertificateFolder();
    const { openSync } = await import("node:fs");
    other.write("memory", "another format");
    const fd = openSync(other.at("memory"), "r+");
    const store = open(A, fd);
    expect(store.fd).not.toBe(fd);
    expect(published(store)).toEqual(["a.example"]);
  });
});
