/**
 * `saker health` against servers that are well, unwell, odd, slow or not there.
 */
import { describe, expect, test } from "bun:test";
import { judge } from "../../src/cli/health.ts";
import { type HealthTarget, healthTargets, targetOfUrl, urlOf } from "../../src/cli/health-target.ts";
import { loadSettings } from "../../src/config/load-settings.ts";
import { CertificateFolder, makePair } from "../support/certificates.ts";
import { runSaker } from "../support/saker.ts";

const settingsOf = (argv: readonly string[]) => loadSettings({ argv: ["--no-config", ...argv], env: {}, cwd: "/" });

const target = (host: string, port: number, path = "/health", more: Partial<HealthTarget> = {}): HealthTarget => ({
  host,
  port,
  path,
  isSecure: false,
  isVerified: false,
  hasHeader: false,
  ...more,
});

const targetsOf = (line: string): HealthTarget[] => healthTargets(settingsOf(line === "" ? [] : line.split(" ")));

describe("healthTargets", () => {
  test.each<[string, HealthTarget]>([
    ["", target("127.0.0.1", 8080)],
    ["--proxy-protocol", target("127.0.0.1", 8080, "/health", { hasHeader: true })],
    ["--proxy-protocol --admin-listen 9090", target("127.0.0.1", 9090)],
    ["--host 0.0.0.0 -p 81", target("127.0.0.1", 81)],
    ["--host 10.0.0.7", target("10.0.0.7", 8080)],
    ["--host ::", target("127.0.0.1", 8080)],
    ["--host 0:0::0", target("127.0.0.1", 8080)],
    ["--host ::1", target("::1", 8080)],
    ["--host localhost", target("127.0.0.1", 8080)],
    ["--admin-prefix /_saker", target("127.0.0.1", 8080, "/_saker/health")],
    ["--admin-listen 9090", target("127.0.0.1", 9090)],
    ["--admin-listen 9090 --https", target("127.0.0.1", 9090)],
    ["--host ::1 --admin-listen :9090", target("::1", 9090)],
    ["--admin-listen 10.0.0.8:9090", target("10.0.0.8", 9090)],
    ["--admin-listen [::]:9090 --admin-prefix /a", target("127.0.0.1", 9090, "/a/health")],
    ["-p 0 --https --https-port 8444", target("127.0.0.1", 8444, "/health", { isSecure: true })],
    ["--https --https-port 0", target("127.0.0.1", 8080)],
  ])("%p", (line, only) => expect(targetsOf(line)).toEqual([only]));

  test("by plain HTTP first, and then by HTTPS: of its own address, whatever names are in the certificate", () => {
    const more = { hasHeader: true };
    expect(targetsOf("--https --host 10.0.0.7 -p 80 --proxy-protocol --admin-prefix /a")).toEqual([
      target("10.0.0.7", 80, "/a/health", more),
      target("10.0.0.7", 443, "/a/health", { ...more, isSecure: true }),
    ]);
  });

  test("none where the server chooses its ports", () => {
    expect(targetsOf("-p 0 --https")).toEqual([]);
    expect(targetsOf("-p 0")).toEqual([]);
  });
});

describe("targetOfUrl", () => {
  test.each<[string, string, Partial<HealthTarget>]>([
    ["https://127.0.0.1:8443/health", "", target("127.0.0.1", 8443, "/health", { isSecure: true })],
    ["https://[::1]", "", target("::1", 443, "/health", { isSecure: true })],
    ["https://a.example", "", { isSecure: true, isVerified: true }],
    ["http://a.example/x?y", "", { host: "a.example", port: 80, path: "/x?y", isSecure: false, hasHeader: false }],
    ["https://a:8443", "--admin-prefix /p --proxy-protocol", { path: "/p/health", hasHeader: true }],
    ["https://a:9443", "--proxy-protocol", { hasHeader: false }],
  ])("%s with %p", (url, line, expected) => {
    const settings = settingsOf(line === "" ? [] : line.split(" "));
    expect(targetOfUrl(url, settings)).toMatchObject(expected);
  });

  test.each(["", "127.0.0.1:8443", "ftp://a/", "/health"])("refuses %p", (text) => {
    expect(() => targetOfUrl(text, settingsOf([]))).toThrow("--url: ");
  });

  test("is shown as a URL again", () => {
    expect(urlOf(targetOfUrl("https://[::1]:8443", settingsOf([])))).toBe("https://[::1]:8443/health");
  });
});

const OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";

describe("judge", () => {
  test.each([
    ["a healthy server", `${OK}{"status":"healthy","workers":2}`],
    ["chunked content", `${OK}1a\r\n{"status":"healthy","a":{}}\r\n0\r\n\r\n`],
    ["HTTP/1.0", 'HTTP/1.0 200 OK\r\n\r\n{"status":"healthy"}'],
  ])("%s is well", (_, answer) => expect(judge(answer, "URL")).toBe("healthy: URL"));

  test.each([
    [
      "a degraded server",
      'HTTP/1.1 503 Service Unavailable\r\n\r\n{"status":"degraded"}',
      "URL answered 503 (degraded)",
    ],
    ["200 from another server", `${OK}<html>`, "URL answered 200; is it a saker server?"],
    ["200 with other JSON", `${OK}{"ok":true}`, "URL answered 200; is it a saker server?"],
    ["200 with half a JSON", `${OK}{"status":"healthy"`, "URL answered 200; is it a saker server?"],
    ["200 that says otherwise", `${OK}{"status":"starting"}`, "URL answered 200 (starting)"],
    ["healthy with another status", 'HTTP/1.1 500 X\r\n\r\n{"status":"healthy"}', "URL answered 500 (healthy)"],
    ["404", "HTTP/1.1 404 Not Found\r\n\r\n", "URL answered 404; is it a saker server?"],
    ["a list", `${OK}[]`, "URL answered 200; is it a saker server?"],
    ["nothing", "", "URL gave no HTTP response"],
    ["another protocol", "220 mail.example ESMTP\r\n", "URL gave no HTTP response"],
    ["a cut status line", "HTTP/1.1 20", "URL gave no HTTP response"],
  ])("%s is not", (_, answer, message) => expect(() => judge(answer, "URL")).toThrow(message));
});

/** A server that answers every connection with the same octets; null never answers. */
function serveOctets(octets: string | null, requests: string[] = [], tls?: Bun.TLSOptions) {
  return Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    tls,
    socket: {
      data(socket, data) {
        requests.push(data.toString());
        if (octets === null) return;
        socket.write(octets);
        socket.end();
      },
    },
  });
}

describe("saker health", () => {
  test("exits with 0 when the server is healthy, and asks where the configuration says", async () => {
    const requests: string[] = [];
    const server = serveOctets(`${OK}{"status":"healthy"}`, requests);
    // A proxy in the environment is none of its business.
    const env = { SAKER_ADMIN_PREFIX: "/_s", HTTP_PROXY: "http://127.0.0.1:9", http_proxy: "http://127.0.0.1:9" };
    const result = await runSaker(["health", "-p", String(server.port)], { env });
    server.stop(true);
    expect(result).toEqual({ exitCode: 0, stdout: `healthy: http://127.0.0.1:${server.port}/_s/health\n`, stderr: "" });
    expect(requests.join("")).toStartWith(`GET /_s/health HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n`);
  });

  test.each([
    ["redirects", "HTTP/1.1 308 Permanent Redirect\r\nLocation: https://127.0.0.1/health\r\n\r\n"],
    ["is another server's", "HTTP/1.1 404 Not Found\r\n\r\n"],
    ["closes without a word", ""],
  ])("asks by HTTPS where the plain port %s", async (_, octets) => {
    using folder = new CertificateFolder();
    const { certificate, key } = folder.writePair("a", makePair(["a.example"]));
    const plain = serveOctets(octets);
    const secure = serveOctets(`${OK}{"status":"healthy"}`, [], { cert: Bun.file(certificate), key: Bun.file(key) });
    const ports = ["-p", String(plain.port), "--https-port", String(secure.port)];
    const result = await runSaker(["health", ...ports, "--certificate", certificate, "--key", key]);
    plain.stop(true);
    secure.stop(true);
    expect(result).toEqual({ exitCode: 0, stdout: `healthy: https://127.0.0.1:${secure.port}/health\n`, stderr: "" });
  });

  test("a server that is unwell by plain HTTP isn't asked again", async () => {
    const plain = serveOctets('HTTP/1.1 503 X\r\n\r\n{"status":"degraded"}');
    const result = await runSaker(["health", "-p", String(plain.port), "--https", "--https-port", "9"]);
    plain.stop(true);
    expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("answered 503 (degraded)") });
  });

  test("of two that don't answer the first is named", async () => {
    const result = await runSaker(["health", "-p", "9", "--https", "--https-port", "10"]);
    const stderr = "saker: http://127.0.0.1:9/health refuses connections: is the server running?\n";
    expect(result).toEqual({ exitCode: 1, stdout: "", stderr });
  });

  test.each([
    ["is degraded", 'HTTP/1.1 503 X\r\n\r\n{"status":"degraded"}', "answered 503 (degraded)"],
    ["closes without a word", "", "gave no HTTP response"],
    ["talks without end", `HTTP/1.1 200 OK\r\n\r\n${"x".repeat(70_000)}`, "sent an answer that is too long"],
    ["never answers", null, "did not answer within 0.2 s"],
  ])("exits with 1 when the server %s", async (_, octets, message) => {
    const server = serveOctets(octets);
    const result = await runSaker(["health", "--timeout", "0.2", "-p", String(server.port)]);
    server.stop(true);
    expect(result).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: `saker: http://127.0.0.1:${server.port}/health ${message}\n`,
    });
  });

  test.each([
    ["nothing listens", ["-p", "9"], "http://127.0.0.1:9/health refuses connections: is the server running?"],
    ["the port is 0", ["-p", "0"], "-p: port is 0, so the server chose one: name it with --port NUMBER"],
    ["the configuration is wrong", ["-p", "x"], '-p: port must be an integer between 0 and 65535, not "x"'],
    ["the timeout is wrong", ["--timeout", "0"], '--timeout: timeout must be a number between 0 and 3600, not "0"'],
    ["the timeout is no number", ["--timeout=soon"], "--timeout: timeout must be a number"],
    ["it gets an argument", ["site"], "site: this command takes no argument"],
  ])("exits with 1 when %s", async (_, argv, message) => {
    const { exitCode, stdout, stderr } = await runSaker(["health", ...argv]);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toStartWith(`saker: ${message}`);
  });
});
