/** Contexts by name: which certificate a client is shown, when another one, and which requests a connection may carry. */
import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { loadSettings } from "../../src/config/load-settings.ts";
import { CredentialMemoryReader } from "../../src/tls/credential-memory.ts";
import { CredentialStore } from "../../src/tls/credential-store.ts";
import type { CredentialFacts } from "../../src/tls/credential-facts.ts";
import { HostContexts } from "../../src/tls/host-contexts.ts";
import { CertificateFolder, makeAuthority, makePair, testAuthority } from "../support/certificates.ts";
import { servedBy, TlsServer } from "./support/tls-server.ts";

const folder = new CertificateFolder();
afterAll(() => folder[Symbol.dispose]());
const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

const log = { info() {}, warn() {}, error() {} };

for (const name of ["a", "b", "h"]) folder.writePair(name, makePair([`${name}.example`]));
folder.writePair("wild", makePair(["*.example"]));
folder.writePair("ca", makeAuthority("clients"));
folder.writePair("ca2", makeAuthority("other clients"));

/** The settings of a file in the folder, what the master makes of it, and what a worker makes of that. */
function contextsOf(toml: string) {
  folder.write("saker.toml", toml);
  const settings = loadSettings({ argv: ["--config", "saker.toml"], env: {}, cwd: folder.path });
  const store = CredentialStore.open(settings, { log, env: { STATE_DIRECTORY: folder.path } });
  closing.push(() => store.close());
  const memory = new CredentialMemoryReader<CredentialFacts>(store.fdForWorkers!);
  return { store, contexts: new HostContexts({ settings, memory }) };
}

const pair = (name: string): string => `certificate = "${name}.pem"\nkey = "${name}.key"\n`;
const TWO = `[[tls.certificate]]\n${pair("a")}[[tls.certificate]]\n${pair("wild")}`;

describe("contextFor", () => {
  test("names as clients send them", () => {
    const { contexts } = contextsOf(TWO);
    const labelOf = (name: string | null): string => contexts.contextFor(name).label.replace(`${folder.path}/`, "");
    expect(labelOf("a.example")).toBe("a.pem");
    expect(labelOf("A.Example.")).toBe("a.pem");
    expect(labelOf("x.example")).toBe("wild.pem");
    expect(labelOf("elsewhere")).toBe("a.pem");
    expect(labelOf(null)).toBe("a.pem");
    expect(contexts.contextFor("a.example")).toBe(contexts.contextFor(null));
    expect(contexts.certificates.map(({ names }) => names)).toEqual([["a.example"], ["*.example"]]);
  });

  test("a virtual host's own certificate, whatever names are in it", () => {
    const { contexts } = contextsOf(`${TWO}[[virtual_host]]\nnames = ["own.example"]\n${pair("h")}`);
    expect(contexts.contextFor("own.example").label).toEndWith("h.pem");
    expect(contexts.contextFor("h.example").label).toEndWith("wild.pem");
  });

  test("what is asked of clients, by name", () => {
    const { contexts } = contextsOf(`[tls]\n${pair("wild")}client_ca = "ca.pem"
[[virtual_host]]
names = ["members.example"]
client_certificates = "required"
[[virtual_host]]
names = ["*.guests.example"]
client_certificates = "optional"
`);
    const policyOf = (name: string | null): string => contexts.contextFor(name).policy;
    expect(["members.example", "MEMBERS.example.", "x.guests.example", "x", null].map(policyOf)).toEqual([
      "required",
      "required",
      "optional",
      "off",
      "off",
    ]);
  });

  test("no more contexts than the limit are kept, and those in use stay", () => {
    const hosts = Array.from(
      { length: 600 },
      (_, index) => `[[virtual_host]]
names = ["h${index}.example"]
client_certificates = "optional"
client_ca = "ca.pem"
client_crl = "crl${index}.pem"
`,
    );
    folder.write("index.txt", "");
    folder.write("ca.conf", "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\ndefault_md = sha256\n");
    folder.openssl("ca -gencrl -config ca.conf -cert ca.pem -keyfile ca.key -crldays 7 -out crl.pem");
    const list = folder.openssl("crl -in crl.pem");
    for (let index = 0; index < hosts.length; index++) folder.write(`crl${index}.pem`, list);
    const { contexts } = contextsOf(`[tls]\n${pair("wild")}${hosts.join("")}`);
    const first = contexts.contextFor("h0.example");
    // Equal lists are one: what is kept goes by content.
    expect(contexts.contextFor("h1.example")).toBe(first);
    expect(contexts.contextFor("h599.example")).toBe(first);
  });
});

describe("a file that changes", () => {
  test("gives new connections the new certificate, the default one too, and leaves the others alone", async () => {
    const { contexts, store } = contextsOf(TWO);
    await using server = new TlsServer(contexts);
    const [a, wild] = [contexts.contextFor("a.example"), contexts.contextFor("x.example")];
    const before = await servedBy(server, "a.example");
    folder.writePair("a", makePair(["a.example"]));
    const nowMs = Date.now();
    store.look(nowMs);
    store.look(nowMs + 300);
    expect(contexts.refresh()).toBe(true);
    expect(contexts.contextFor("a.example")).not.toBe(a);
    expect(contexts.contextFor(null)).toBe(contexts.contextFor("a.example"));
    expect(contexts.contextFor("x.example")).toBe(wild);
    const after = await servedBy(server, "a.example");
    expect(after.fingerprint).not.toBe(before.fingerprint);
    expect((await servedBy(server, null)).fingerprint).toBe(after.fingerprint);
  });

  test("twice before a worker looks: a context is made of what is valid", () => {
    const { contexts, store } = contextsOf(TWO);
    let nowMs = Date.now();
    for (let round = 0; round < 3; round++) {
      folder.writePair("wild", makePair(["*.example"]));
      store.look((nowMs += 300));
      store.look((nowMs += 300));
    }
    const made = contexts.contextFor("x.example");
    expect(contexts.version).toBe(store.version);
    expect(contexts.contextFor("y.example")).toBe(made);
  });
});

describe("handshakes", () => {
  test("RSA and ECDSA for one name: the client's algorithms decide", async () => {
    folder.openssl(
      "req -x509 -newkey rsa:2048 -nodes -keyout rsa.key -out rsa.pem -days 9 -subj /CN=a -addext subjectAltName=DNS:a.example",
    );
    const { contexts } = contextsOf(`[[tls.certificate]]\n${pair("rsa")}[[tls.certificate]]\n${pair("a")}`);
    await using server = new TlsServer(contexts);
    const typeFor = async (algorithms: string): Promise<string> =>
      /Peer signature type: (\S+)/.exec(await server.openssl(`-servername a.example -sigalgs ${algorithms}`))?.[1] ??
      "";
    expect(await typeFor("ECDSA+SHA256")).toBe("ECDSA");
    expect(await typeFor("RSA-PSS+SHA256")).toBe("RSA-PSS");
    expect(await typeFor("ECDSA+SHA256:RSA-PSS+SHA256")).toBe("ECDSA");
  });

  test.each([
    ["-tls1_3", /Cipher is TLS_/],
    ["-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256", /Cipher is ECDHE-ECDSA-AES128-GCM-SHA256/],
    ["-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA", /handshake failure/],
    ["-tls1_1 -cipher DEFAULT@SECLEVEL=0", /protocol version/],
    ["-groups X448", /handshake failure/],
    ["-groups P-256", /Cipher is TLS_/],
  ])("%s", async (args, outcome) => {
    const { contexts } = contextsOf(TWO);
    await using server = new TlsServer(contexts);
    expect(await server.openssl(`-servername a.example ${args}`)).toMatch(outcome);
  });

  test("min_version", async () => {
    const { contexts } = contextsOf(`[tls]\nmin_version = "1.3"\n${pair("a")}`);
    await using server = new TlsServer(contexts);
    expect(await server.openssl("-tls1_2")).toMatch(/protocol version/);
    expect(await server.openssl("-tls1_3")).toMatch(/Cipher is TLS_/);
  });
});

describe("client certificates", () => {
  const MEMBERS = `[tls]\n${pair("wild")}client_ca = "ca.pem"
[[virtual_host]]
names = ["members.example"]
client_certificates = "required"
[[virtual_host]]
names = ["others.example"]
client_certificates = "required"
client_ca = "ca2.pem"
`;
  folder.request("client", "/CN=somebody");
  folder.sign("client", "ca", "extendedKeyUsage=clientAuth");
  const WITH = "-cert client.pem -key client.key";

  test("by authority and by name", async () => {
    const { contexts } = contextsOf(MEMBERS);
    await using server = new TlsServer(contexts, folder.path);
    expect(await server.openssl("-servername open.example")).toContain("hello");
    expect(await server.openssl("-servername members.example")).toMatch(/certificate required|alert number 116/);
    expect(await server.openssl(`-servername members.example ${WITH}`)).toContain("hello");
    expect(await server.openssl(`-servername others.example ${WITH}`)).not.toContain("hello");
  });

  test.each(["-tls1_3", "-tls1_2"])("a session of one name resumes at no other policy (%s)", async (version) => {
    const { contexts } = contextsOf(MEMBERS);
    await using server = new TlsServer(contexts, folder.path);
    const store = `${version} -sess_out session`;
    const resume = `${version} -sess_in session`;
    expect(await server.openssl(`-servername open.example ${store}`)).toContain("hello");
    // Within one policy it does, so the client offers it whatever the name is.
    expect(await server.openssl(`-servername open2.example ${resume}`)).toContain("Reused, ");
    const answer = await server.openssl(`-servername members.example ${resume}`);
    expect(answer).not.toContain("Reused, ");
    expect(answer).not.toContain("hello");
    expect(await server.openssl(`-servername members.example ${WITH} ${store}`)).toContain("hello");
    expect(await server.openssl(`-servername members.example ${resume}`)).toContain("Reused, ");
    expect(await server.openssl(`-servername others.example ${resume}`)).not.toContain("hello");
  });

  const PUBLISH = "ca -gencrl -config ca.conf -cert ca.pem -keyfile ca.key -crldays 7 -out crl.pem";
  const EVERYBODY = `[tls]\n${pair("wild")}client_certificates = "required"\nclient_ca = "ca.pem"\n`;
  const withList = (toml: string): string =>
    toml.replace('client_ca = "ca.pem"', 'client_ca = "clients-ca.pem"\nclient_crl = "crl.pem"');

  const revoke = (): void => {
    folder.openssl("ca -revoke client.pem -config ca.conf -cert ca.pem -keyfile ca.key");
    folder.openssl(PUBLISH);
  };
  const distrust = (): void => void folder.write("clients-ca.pem", folder.openssl("x509 -in ca2.pem"));

  describe.each<[string, string, () => void, string]>([
    ["revoked, of one host", MEMBERS, revoke, "-tls1_3"],
    ["revoked, of one host", MEMBERS, revoke, "-tls1_2"],
    ["revoked, of the server", EVERYBODY, revoke, "-tls1_3"],
    ["revoked, of the server", EVERYBODY, revoke, "-tls1_2"],
    ["whose authority has gone, of one host", MEMBERS, distrust, "-tls1_3"],
    ["whose authority has gone, of one host", MEMBERS, distrust, "-tls1_2"],
    ["whose authority has gone, of the server", EVERYBODY, distrust, "-tls1_3"],
    ["whose authority has gone, of the server", EVERYBODY, distrust, "-tls1_2"],
  ])("one that is %s", (_, toml, change, version) => {
    test(`is refused from then on, in new connections, and with a session of before (${version})`, async () => {
      folder.write("index.txt", "");
      const own = "[own]\ndatabase = index.txt\ndefault_md = sha256\nunique_subject = no\n";
      folder.write("ca.conf", `[ca]\ndefault_ca = own\n${own}`);
      folder.openssl(PUBLISH);
      folder.write("clients-ca.pem", folder.openssl("x509 -in ca.pem"));
      const { contexts, store } = contextsOf(withList(toml));
      await using server = new TlsServer(contexts, folder.path);
      const come = (session: string): Promise<string> =>
        server.openssl(`${version} -servername members.example ${WITH} ${session}`);
      expect(await come("-sess_out session")).toContain("hello");
      expect(await come("-sess_in session")).toContain("Reused, ");
      change();
      const nowMs = Date.now();
      store.look(nowMs);
      store.look(nowMs + 300);
      contexts.refresh();
      expect(await come("")).not.toContain("hello");
      expect(await come("-sess_in session")).not.toContain("hello");
    });
  });

  test.each([
    ["where clients are asked, sessions last five minutes", MEMBERS, 300],
    ["where they aren't, two days", TWO, 172_800],
  ])("%s", async (_, toml, seconds) => {
    const { contexts } = contextsOf(toml);
    await using server = new TlsServer(contexts, folder.path);
    for (const name of ["open.example", "members.example"]) {
      const said = await server.openssl(`-tls1_3 -servername ${name} ${WITH}`);
      expect(said).toContain(`TLS session ticket lifetime hint: ${seconds} (seconds)`);
    }
  });

  test("without the authorities nobody is let in", () => {
    const settings = loadSettings({ argv: ["--config", "saker.toml"], env: {}, cwd: folder.path });
    const { store } = contextsOf(TWO);
    const asking = {
      ...settings,
      tls: { ...settings.tls, client_certificates: "required", client_ca: "/nowhere" } as const,
    };
    const memory = new CredentialMemoryReader<CredentialFacts>(store.fdForWorkers!);
    const contexts = new HostContexts({ settings: { ...asking, virtual_host: [] }, memory });
    expect(() => contexts.contextFor("a.example")).toThrow();
  });
});

describe("admits", () => {
  const ALL = `[tls]\nclient_ca = "ca.pem"\n[[tls.certificate]]\n${pair("a")}[[tls.certificate]]\n${pair("wild")}
[[virtual_host]]
names = ["members.example"]
client_certificates = "required"
[[virtual_host]]
names = ["members2.example"]
client_certificates = "required"
[[virtual_host]]
names = ["strangers.example"]
client_certificates = "required"
client_ca = "ca2.pem"
[[virtual_host]]
names = ["own.example"]
${pair("h")}`;

  test.each([
    ["a.example", "a.example", true],
    ["A.example.", "a.example", true],
    ["x.example", "y.example", true],
    ["x.example", "unknown", true],
    ["a.example", "unknown", true],
    ["a.example", "x.example", false],
    ["x.example", "a.example", true],
    ["x.example", "own.example", true],
    ["a.example", "own.example", false],
    ["own.example", "own.example", true],
    ["own.example", "h.example", true],
    ["own.example", "x.example", false],
    [null, "a.example", true],
    [null, "x.example", true],
    [null, "members.example", false],
    ["x.example", "members.example", false],
    ["members.example", "members.example", true],
    ["members.example", "members2.example", true],
    ["members.example", "strangers.example", false],
    ["members.example", "x.example", false],
    ["x.example", "[::1]", true],
  ])("a connection for %p may carry a request for %s: %p", (serverName, host, isAdmitted) => {
    const { contexts } = contextsOf(ALL);
    expect(contexts.admits({ serverName, context: contexts.contextFor(serverName) }, host)).toBe(isAdmitted);
  });

  test("a connection that outlived its certificate's replacement goes by what it was made of", () => {
    const { contexts, store } = contextsOf(ALL);
    const context = contexts.contextFor("x.example");
    folder.writePair("wild", makePair(["*.other"]));
    const nowMs = Date.now();
    store.look(nowMs);
    store.look(nowMs + 300);
    contexts.refresh();
    expect(contexts.contextFor("x.example").label).toEndWith("a.pem");
    expect(contexts.admits({ serverName: "x.example", context }, "y.example")).toBe(true);
    folder.writePair("wild", makePair(["*.example"]));
  });
});

test("an authority of saker's own: any client that trusts its root is served by every name", async () => {
  const { contexts } = contextsOf(
    '[tls]\nself_signed = true\n[[virtual_host]]\nnames = ["dev.example", "*.dev.example"]',
  );
  await using server = new TlsServer(contexts, folder.path);
  const verify = (name: string): Promise<string> =>
    server.openssl(
      `-servername ${name} -verify_hostname ${name} -verify_return_error -x509_strict -CAfile authority.pem`,
    );
  for (const name of ["dev.example", "x.dev.example", "localhost"]) expect(await verify(name)).toContain("hello");
  expect(await verify("elsewhere.example")).not.toContain("hello");
  expect(testAuthority().certificate).not.toBe(contexts.contextFor("dev.example").label);
});
