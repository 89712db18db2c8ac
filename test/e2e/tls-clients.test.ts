/** Client certificates: who gets in, who doesn't, and that nobody gets in by another host's door. */
import { afterAll, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { Readable } from "node:stream";
import { CertificateFolder, makeAuthority, makePair, testAuthority } from "../support/certificates.ts";
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
])("%s doesn't let in %p, and counts it", async (host, args) => {
  const refused = async () => {
    return (await shared.saker.metrics()).value("saker_tls_handshake_failures_total", { reason: "client_certificate" });
  };
  const before = await refused();
  for (const version of ["-tls1_3", "-tls1_2"]) expect(await ask(host, `${version} ${args}`)).not.toContain("HTTP/1.1");
  await until(async () => (await refused()) === before + 2, "both are counted");
  await shared.saker.printed(/DEBUG 127\.0\.0\.1: TLS handshake failed, .*(certificate|CERTIFICATE)/);
});

describe("where a certificate is optional, one that isn't trusted gets a 400 that says so", () => {
  const said = /certificate .* isn't accepted here/;
  const handshakesRefused = async () =>
    (await shared.saker.metrics()).value("saker_tls_handshake_failures_total", { reason: "client_certificate" });

  test.each(["-tls1_3", "-tls1_2"])("by HTTP/1.1, and the connection ends (%s)", async (version) => {
    const before = await handshakesRefused();
    const answer = await opensslClient(
      shared.saker.httpsPort,
      `-servername guests.example ${version} ${STRANGER}`,
      "GET / HTTP/1.1\r\nHost: guests.example\r\n\r\n",
    );
    expect(answer).toContain("HTTP/1.1 400 Bad Request\r\n");
    expect(answer).toContain("Connection: close\r\n");
    expect(answer).toMatch(said);
    expect(answer).not.toContain("open");
    await until(async () => (await handshakesRefused()) === before + 1, "it is counted");
    await shared.saker.printed(/DEBUG 127\.0\.0\.1: TLS handshake failed, the client's certificate: /);
  });

  test.each(["-tls1_3", "-tls1_2"])("in a session of before, too (%s)", async (version) => {
    const args = `${version} ${STRANGER}`;
    const session = folder.at("strange-session");
    expect(await ask("guests.example", `${args} -sess_out ${session}`)).toMatch(said);
    expect(await ask("guests.example", `${args} -sess_in ${session}`)).toMatch(said);
    expect(await ask("guests.example", `${version} -sess_in ${session}`)).not.toContain("open");
    expect(await ask("members.example", `${version} -sess_in ${session}`)).not.toContain("HTTP/1.1");
  });

  test("by HTTP/2", async () => {
    const session = connectHttp2(`https://127.0.0.1:${shared.saker.httpsPort}`, {
      servername: "guests.example",
      ca: testAuthority().certificate,
      cert: readFileSync(folder.at("stranger.pem")),
      key: readFileSync(folder.at("stranger.key")),
    });
    const stream = session.request({ ":path": "/", ":authority": "guests.example" });
    const [fields] = (await once(stream, "response")) as [Record<string, unknown>];
    expect(fields[":status"]).toBe(400);
    expect(await new Response(Readable.toWeb(stream) as unknown as ReadableStream).text()).toMatch(said);
    if (!session.closed) await once(session, "close");
  });
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
