/** saker's own authority: made once, kept for its owner alone, and found again. */
import { afterEach, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { authorityFile, provideAuthority, readAuthority } from "../../../src/tls/self-signed/authority.ts";
import { issueAuthority } from "../../../src/tls/x509/issue.ts";
import { CertificateFolder } from "../../support/certificates.ts";

const folders: CertificateFolder[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder[Symbol.dispose]()));

function stateFolder(): CertificateFolder {
  const folder = new CertificateFolder();
  folders.push(folder);
  return folder;
}

test.each([
  [{ XDG_DATA_HOME: "/data", HOME: "/home/me" }, "/data/saker/authority.pem"],
  [{ HOME: "/home/me" }, "/home/me/.local/share/saker/authority.pem"],
  [{ XDG_DATA_HOME: "relative", HOME: "/home/me" }, "/home/me/.local/share/saker/authority.pem"],
  [{ STATE_DIRECTORY: "/var/lib/saker:/x", HOME: "/home/me" }, "/var/lib/saker/authority.pem"],
  [{}, join(homedir(), ".local/share/saker/authority.pem")],
])("with %j it is kept in %s", (env, file) => expect(authorityFile(env)).toBe(file));

describe("provideAuthority", () => {
  test("makes one, for its owner alone, and finds it again", () => {
    const env = { XDG_DATA_HOME: stateFolder().path };
    const made = provideAuthority(env, Date.now());
    expect(made).toMatchObject({ file: authorityFile(env), problem: "", isNew: true });
    expect(statSync(authorityFile(env)).mode & 0o777).toBe(0o600);
    expect(statSync(join(env.XDG_DATA_HOME, "saker")).mode & 0o777).toBe(0o700);
    expect(provideAuthority(env, Date.now())).toEqual({ ...made, isNew: false });
    expect(readAuthority(authorityFile(env))).toEqual({ certificate: made.certificate, key: made.key });
    expect(readdirSync(join(env.XDG_DATA_HOME, "saker"))).toEqual(["authority.pem"]);
  });

  test("makes another one before the first ends", () => {
    const env = { STATE_DIRECTORY: stateFolder().path };
    const made = provideAuthority(env, Date.now());
    const { validTo } = new X509Certificate(made.certificate);
    const soon = Date.parse(validTo) - 300 * 86_400_000;
    const next = provideAuthority(env, soon);
    expect(next.isNew).toBe(true);
    expect(next.certificate).not.toBe(made.certificate);
    expect(readFileSync(authorityFile(env), "utf8")).toBe(next.certificate + next.key);
  });

  test("leaves what can't be read as one where it is", () => {
    const folder = stateFolder();
    folder.write("authority.pem", "torn");
    const env = { STATE_DIRECTORY: folder.path };
    const { problem } = provideAuthority(env, Date.now());
    // Whatever that file is, it isn't ours to remove.
    expect(problem).toContain("authority.pem");
    expect(readFileSync(folder.at("authority.pem"), "utf8")).toBe("torn");
  });

  test("without a place it lives as long as the process", () => {
    const folder = stateFolder();
    folder.write("saker", "a file where the folder should be");
    const made = provideAuthority({ XDG_DATA_HOME: folder.path }, Date.now());
    expect(made).toMatchObject({ file: null, isNew: true });
    expect(made.problem).toContain(folder.at("saker/authority.pem"));
    expect(new X509Certificate(made.certificate).ca).toBe(true);
  });

  test.skipIf(process.getuid?.() === 0)("in a folder that can't be written", () => {
    const folder = stateFolder();
    mkdirSync(folder.at("saker"));
    chmodSync(folder.at("saker"), 0o500);
    expect(provideAuthority({ XDG_DATA_HOME: folder.path }, Date.now()).problem).toContain("EACCES");
  });

  test("servers that start at the same moment have one root", async () => {
    const folder = stateFolder();
    const program = `import { provideAuthority } from "${import.meta.dir}/../../../src/tls/self-signed/authority.ts";
      console.log(provideAuthority({ STATE_DIRECTORY: ${JSON.stringify(folder.path)} }, Date.now()).certificate);`;
    const children = Array.from({ length: 6 }, () =>
      Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stderr: "inherit" }),
    );
    const roots = await Promise.all(children.map(({ stdout }) => stdout.text()));
    expect(new Set(roots).size).toBe(1);
    expect(roots[0]).toContain("BEGIN CERTIFICATE");
    expect(readdirSync(folder.path)).toEqual(["authority.pem"]);
  });
});

test("a root that is about to end, made elsewhere, is replaced", () => {
  const folder = stateFolder();
  const nowMs = Date.now();
  const old = issueAuthority("saker", "old", { notBeforeMs: nowMs - 1000, notAfterMs: nowMs + 86_400_000 });
  folder.write("authority.pem", old.certificate + old.key);
  expect(provideAuthority({ STATE_DIRECTORY: folder.path }, nowMs)).toMatchObject({ isNew: true, problem: "" });
});
