/** Client certificates: who gets in, who doesn't, and that nobody gets in by another host's door. */
import { afterAll, expect, test } from "bun:test";
import { CertificateFolder, makeAuthority } from "../support/certificates.ts";
import { makePair } from "../support/certificates.ts";
import { until } from "../support/deadline.ts";
import { opensslClient } from "../support/openssl.ts";
import { useSaker } from "../support/use-saker.ts";

const folder = new CertificateFolder();
afterAll(() => folder[Symbol.dispose]());
folder.writePair("pair", makePair(["test.example", "members.example", "guests.example", "127.0.0.1"]));
folder.writePair("clients", makeAuthority("clients"));
folder.writePair("strangers", makeAuthority("strangers"));
for (const [name, issuer] of [
  ["member", "clients"],
  ["stranger", "strangers"],
] as const) {
  folder.request(name, `/CN=${name}`);
  folder.sign(name, issuer, "extendedKeyUsage=clientAuth\nbasicConstraints=CA:FALSE\n");
}

const shared = useSaker({
  site: { "index.html": "open" },
  config: `log_level = "debug"
[tls]
certificate = "${folder.at("pair.pem")}"
key = "${folder.at("pair.key")}"
client_ca = "${folder.at("clients.pem")}"
[[virtual_host]]
names = ["members.example"]
client_certificates = "required"
[[virtual_host]]
names = ["guests.example"]
client_certificates = "optional"
`,
});

const MEMBER = `-cert ${folder.at("member.pem")} -key ${folder.at("member.key")}`;
const STRANGER = `-cert ${folder.at("stranger.pem")} -key ${folder.at("stranger.key")}`;

/** What a client gets that names `host` in its handshake and asks for `asked`. */
const ask = (host: string, args: string, asked = host): Promise<string> => {
  const request = `GET / HTTP/1.1\r\nHost: ${asked}\r\nConnection: close\r\n\r\n`;
  return opensslClient(shared.saker.httpsPort, `-servername ${host} ${args}`, request);
};

test.each([
  ["members.example", MEMBER],
  ["guests.example", MEMBER],
  ["guests.example", ""],
  ["test.example", ""],
  ["test.example", MEMBER],
])("%s lets in %p", async (host, args) => {
  for (const version of ["-tls1_3", "-tls1_2"]) expect(await ask(host, `${version} ${args}`)).toContain("200 OK");
});

test.each([
  ["members.example", ""],
  ["members.example", STRANGER],
  ["guests.example", STRANGER],
])("%s doesn't let in %p, and counts it", async (host, args) => {
  const refused = async () => {
    return (await shared.saker.metrics()).value("saker_tls_handshake_failures_total", { reason: "client_certificate" });
  };
  const before = await refused();
  for (const version of ["-tls1_3", "-tls1_2"]) expect(await ask(host, `${version} ${args}`)).not.toContain("HTTP/1.1");
  await until(async () => (await refused()) === before + 2, "both are counted");
  await shared.saker.printed(/DEBUG 127\.0\.0\.1: TLS handshake failed, .*(certificate|CERTIFICATE)/);
});

test.each([
  ["test.example", ""],
  ["test.example", MEMBER],
  ["guests.example", ""],
  ["guests.example", MEMBER],
])("who came to %s with %p doesn't get to members.example", async (host, args) => {
  expect(await ask(host, args, "members.example")).toContain("421 Misdirected Request");
  expect(await ask(host, args, "MEMBERS.example.")).toContain("421 Misdirected Request");
});

test("a session of a member opens no other door, and that of a guest not the members'", async () => {
  const session = folder.at("session");
  expect(await ask("guests.example", `-sess_out ${session}`)).toContain("200 OK");
  expect(await ask("members.example", `-sess_in ${session}`)).not.toContain("HTTP/1.1");
  expect(await ask("members.example", `${MEMBER} -sess_out ${session}`)).toContain("200 OK");
  expect(await ask("test.example", `-sess_in ${session}`, "members.example")).toContain("421 Misdirected Request");
});
