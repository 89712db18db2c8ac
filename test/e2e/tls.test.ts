/** HTTPS as clients see it: handshakes, what is said by plain HTTP, how connections end, what the log and the metrics tell. */
import { afterAll, describe, expect, test } from "bun:test";
import { CertificateFolder, makePair, testAuthority } from "../support/certificates.ts";
import { until } from "../support/deadline.ts";
import { CUT_OFF, opensslClient } from "../support/openssl.ts";
import { RawClient } from "../support/raw-client.ts";
import { requestOctets } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const folder = new CertificateFolder();
afterAll(() => folder[Symbol.dispose]());
folder.write("ca.pem", testAuthority().certificate);
const main = folder.writePair("main", makePair(["localhost", "127.0.0.1", "test.example"]));
const other = folder.writePair("other", makePair(["other.example"]));
const pairOf = ({ certificate, key }: { certificate: string; key: string }): string =>
  `certificate = ${JSON.stringify(certificate)}\nkey = ${JSON.stringify(key)}\n`;

const TRUST = `-CAfile ${folder.at("ca.pem")} -verify_return_error`;

const large = Buffer.alloc(24_000_000, "0123456789abcdef\n");
const SITE = { "index.html": "<p>hello", "large.bin": large, ".well-known/acme-challenge/token": "answer" };
const TLS = `[tls]\n${pairOf(main)}`;

/** A request after which the server ends the connection. */
const last = (target: string): string => requestOctets(target, ["Connection: close"]);

describe("a server with a certificate", () => {
  const shared = useSaker({
    site: SITE,
    config: () => `header_timeout_seconds = 1\nkeepalive_timeout_seconds = 1\n${TLS}hsts_max_age_seconds = 600\n`,
  });

  test.each([
    ["-tls1_3", "TLSv1.3"],
    ["-tls1_2", "TLSv1.2"],
  ])("speaks TLS with %s", async (flag, version) => {
    const host = "-verify_hostname test.example -servername test.example";
    const said = await opensslClient(shared.saker.httpsPort, `${flag} ${TRUST} ${host}`);
    expect(said).toContain(`New, ${version}, Cipher is`);
    expect(said).toContain("Verification: OK");
  });

  test.each([
    ["-tls1_1 -cipher DEFAULT@SECLEVEL=0", "alert protocol version", "version"],
    ["-alpn spdy/3", "alert no application protocol", "alpn"],
    ["-groups secp521r1 -tls1_3", "alert handshake failure", "algorithms"],
  ])("refuses %s with an alert, and counts why", async (args, alert, reason) => {
    const family = "saker_tls_handshake_failures_total";
    const before = (await shared.saker.metrics()).value(family, { reason });
    expect(await opensslClient(shared.saker.httpsPort, args)).toContain(alert);
    expect((await shared.saker.metrics()).value(family, { reason })).toBe(before + 1);
  });

  test.each([
    [["h2", "http/1.1"], "h2"],
    [["http/1.1", "h2"], "h2"],
    [["http/1.1"], "http/1.1"],
    [undefined, false],
  ])("of the protocols %p it chooses %p", async (protocols, chosen) => {
    await using client = await shared.saker.connectSecurely({ protocols });
    expect(client.protocol).toBe(chosen as string | false);
  });

  test("answers over HTTP/1.1, and has it under its protocol in the metrics", async () => {
    await using client = await shared.saker.connectSecurely();
    const response = await client.request(requestOctets("/"));
    expect(response.text).toBe("<p>hello");
    expect(response.field("Strict-Transport-Security")).toBe("max-age=600");
    expect((await client.request(requestOctets("/no"))).field("Strict-Transport-Security")).toBe("max-age=600");
    expect((await client.request(requestOctets("/", ["Range: bytes=3-5"]))).text).toBe("hel");
    const metrics = await shared.saker.metrics();
    expect(metrics.value("http_requests_by_protocol_total", { protocol: "HTTP/1" })).toBeGreaterThanOrEqual(4);
    expect(metrics.value("saker_tls_handshakes_total", { version: "1.3", resumed: "false" })).toBeGreaterThan(0);
  });

  test("a session is taken up again, and counted as such", async () => {
    const family = "saker_tls_handshakes_total";
    const file = folder.at("session");
    const before = (await shared.saker.metrics()).value(family, { version: "1.3", resumed: "true" });
    const host = "-servername test.example";
    await opensslClient(shared.saker.httpsPort, `${host} -sess_out ${file}`, last("/"));
    await opensslClient(shared.saker.httpsPort, `${host} -sess_in ${file}`, last("/"));
    expect((await shared.saker.metrics()).value(family, { version: "1.3", resumed: "true" })).toBe(before + 1);
  });

  describe("every end is announced", () => {
    test.each([
      ["after a last response", last("/"), "<p>hello"],
      ["after a large one", last("/large.bin"), "abcdef"],
      ["after a malformed request", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400 Bad Request"],
      ["after keepalive_timeout_seconds", requestOctets("/"), "<p>hello"],
      ["to a client that stays silent", "", ""],
      ["to a client whose head doesn't end", "GET / HTTP/1.1\r\n", "408 Request Timeout"],
    ])("%s", async (_when, request, received) => {
      const said = await opensslClient(shared.saker.httpsPort, "-servername test.example", request);
      expect(said).toContain(received);
      expect(said).not.toContain(CUT_OFF);
    });
  });

  test("a large file arrives whole, also to a client that reads slowly", async () => {
    await using client = await shared.saker.connectSecurely({}, { receiveBufferOctets: 32 * 1024 });
    await client.send(requestOctets("/large.bin"));
    client.pause();
    await until(
      () => shared.saker.metrics().then((metrics) => metrics.value("http_requests_in_flight") > 1),
      "the file is under way",
    );
    client.resume();
    const response = await client.readResponse();
    expect(large.equals(response.body)).toBe(true);
    expect((await client.request(requestOctets("/"))).text).toBe("<p>hello");
  });

  test("a client that says nothing, or half a hello, is let go in time", async () => {
    const { saker } = shared;
    const before = (await saker.metrics()).value("saker_tls_handshake_failures_total", { reason: "timeout" });
    await using silent = await RawClient.connect(saker.httpsPort);
    await using slow = await RawClient.connect(saker.httpsPort);
    await slow.send(Buffer.from("16030100", "hex"));
    await Promise.all([silent.expectClose(), slow.expectClose()]);
    expect((await saker.metrics()).value("saker_tls_handshake_failures_total", { reason: "timeout" })).toBe(before + 1);
  });

  test("a client that leaves in its handshake is counted", async () => {
    const { saker } = shared;
    const left = async () => (await saker.metrics()).value("saker_tls_handshake_failures_total", { reason: "left" });
    const before = await left();
    await using client = await RawClient.connect(saker.httpsPort);
    await client.send(Buffer.from("16030100", "hex"));
    client.close();
    await until(async () => (await left()) === before + 1, "it is counted");
  });

  describe("a request in plain text", () => {
    test("to the port of HTTPS is told where to go", async () => {
      await using client = await RawClient.connect(shared.saker.httpsPort);
      const response = await client.request(
        `GET /a%20b?c=d HTTP/1.1\r\nHost: test.example:${shared.saker.httpsPort}\r\n\r\n`,
      );
      expect(response.status).toBe(400);
      expect(response.text).toContain(` https://test.example:${shared.saker.httpsPort}/a%20b?c=d\n`);
      expect(response.field("Connection")).toBe("close");
      expect(response.field("Strict-Transport-Security")).toBeNull();
      await client.expectClose();
    });

    test("what is neither is closed without a word", async () => {
      await using client = await RawClient.connect(shared.saker.httpsPort);
      await client.send(Buffer.from("0001020304", "hex"));
      await client.expectClose();
    });
  });

  describe("by plain HTTP", () => {
    test.each(["GET", "HEAD", "POST"])("%s is redirected to the same by HTTPS", async (method) => {
      const { httpsPort, port } = shared.saker;
      await using client = await shared.saker.connect();
      const response = await client.request(
        `${method} /a%20b/?c=d HTTP/1.1\r\nHost: test.example:${port}\r\nContent-Length: 0\r\n\r\n`,
      );
      expect([response.status, response.field("Location")]).toEqual([
        308,
        `https://test.example:${httpsPort}/a%20b/?c=d`,
      ]);
      expect(response.field("Strict-Transport-Security")).toBeNull();
    });

    test("a port that somebody maps is 443 for who came to 80", async () => {
      const { status, ...response } = await shared.saker.get("/x");
      expect([status, response.head.fields.find(([name]) => name === "Location")?.[1]]).toEqual([
        308,
        "https://test.example/x",
      ]);
    });

    test("ACME challenges and admin endpoints are answered", async () => {
      const challenge = await shared.saker.get("/.well-known/acme-challenge/token");
      expect([challenge.status, challenge.text]).toEqual([200, "answer"]);
      expect(challenge.field("Strict-Transport-Security")).toBeNull();
      expect((await shared.saker.get("/health")).status).toBe(200);
    });

    test.each([
      ["what is malformed", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"],
      ["what names no host", "GET / HTTP/1.0\r\n\r\n"],
    ])("%s stays 400", async (_what, request) => {
      await using client = await shared.saker.connect();
      expect((await client.request(request)).status).toBe(400);
    });
  });

  test("an https target is this server's, an http one isn't", async () => {
    await using client = await shared.saker.connectSecurely();
    const ask = (scheme: string) =>
      client.request(`GET ${scheme}://test.example/ HTTP/1.1\r\nHost: test.example\r\n\r\n`);
    expect((await ask("https")).status).toBe(200);
    expect((await ask("http")).status).toBe(421);
  });
});

describe("several certificates", () => {
  const shared = useSaker({
    site: SITE,
    config: `log_level = "debug"\naccess_log = "-"\naccess_log_format = "json"\n[tls]\nredirect = false\n[[tls.certificate]]\n${pairOf(main)}[[tls.certificate]]\n${pairOf(other)}`,
  });

  test.each([
    ["-servername other.example", "other.example"],
    ["-servername OTHER.example.", "other.example"],
    ["-servername unknown.example", "localhost"],
    ["-noservername", "localhost"],
  ])("%s gets that of %s", async (args, name) => {
    const said = await opensslClient(shared.saker.httpsPort, `${args} ${TRUST} -verify_hostname ${name}`);
    expect(said).toContain("Verification: OK");
  });

  test("a request for another certificate's host is misdirected", async () => {
    await using client = await shared.saker.connectSecurely({ serverName: "test.example" });
    const ask = (host: string) => client.request(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect((await ask("other.example")).status).toBe(421);
    expect((await ask("test.example")).status).toBe(200);
    expect((await ask("other.example")).status).toBe(421);
    expect((await ask("nobody.example")).status).toBe(200);
  });

  test("without `redirect`, both are served", async () => {
    expect((await shared.saker.get("/")).text).toBe("<p>hello");
  });

  test("the log says what was agreed on", async () => {
    await using client = await shared.saker.connectSecurely({ serverName: "test.example" });
    await client.request(requestOctets("/?logged"));
    await shared.saker.get("/?plain");
    const [, line] = await shared.saker.printed(/(\{.*"\/\?logged".*\})\n/);
    expect(JSON.parse(line!)).toMatchObject({
      protocol: "HTTP/1.1",
      tls: "1.3",
      suite: expect.stringMatching(/^TLS_/),
      sni: "test.example",
      resumed: false,
    });
    const [, plain] = await shared.saker.printed(/(\{.*"\/\?plain".*\})\n/);
    expect(JSON.parse(plain!)).toMatchObject({ tls: null, suite: null, sni: null, resumed: null });
  });

  test("at level debug, why a handshake failed", async () => {
    await opensslClient(shared.saker.httpsPort, "-alpn spdy/3");
    await shared.saker.printed(/DEBUG 127\.0\.0\.1: TLS handshake failed, .*NO_APPLICATION_PROTOCOL/);
  });
});

describe("behind a proxy that says who comes (PROXY protocol)", () => {
  const shared = useSaker({
    site: SITE,
    config: `access_log = "-"\nproxy_protocol = true\ntrusted_proxies = ["127.0.0.1"]\n${TLS}`,
  });

  test.each([[["--haproxy-protocol"], /^127\.0\.0\.1 .*"GET \/\?named/m]])("%p", async (flags, line) => {
    const { httpsPort } = shared.saker;
    const url = `https://test.example:${httpsPort}/?named`;
    const to = `test.example:${httpsPort}:127.0.0.1:${httpsPort}`;
    const curl = Bun.spawn(["curl", "-sS", "--cacert", folder.at("ca.pem"), "--connect-to", to, ...flags, url]);
    expect(await new Response(curl.stdout).text()).toBe("<p>hello");
    await shared.saker.printed(line);
  });

  test("without its header there is no handshake", async () => {
    await using client = await RawClient.connect(shared.saker.httpsPort);
    await client.send(Buffer.from("16030100", "hex"));
    await client.expectClose();
  });
});
