/**
 * `saker health` against servers that are well, unwell, odd, slow or not there.
 */
import { describe, expect, test } from "bun:test";
import { judge } from "../../src/cli/health.ts";
import { type HealthTarget, healthTarget, targetOfUrl, urlOf } from "../../src/cli/health-target.ts";
import { loadSettings } from "../../src/config/load-settings.ts";
import { runSaker } from "../support/saker.ts";

const settingsOf = (argv: readonly string[]) => loadSettings({ argv: ["--no-config", ...argv], env: {}, cwd: "/" });

describe("healthTarget", () => {
  test.each<[string, HealthTarget]>([
    ["", { host: "127.0.0.1", port: 8080, path: "/health", isSecure: false, hasHeader: false }],
    ["--proxy-protocol", { host: "127.0.0.1", port: 8080, path: "/health", isSecure: false, hasHeader: true }],
    [
      "--proxy-protocol --admin-listen 9090",
      { host: "127.0.0.1", port: 9090, path: "/health", isSecure: false, hasHeader: false },
    ],
    ["--host 0.0.0.0 -p 81", { host: "127.0.0.1", port: 81, path: "/health", isSecure: false, hasHeader: false }],
    ["--host 10.0.0.7", { host: "10.0.0.7", port: 8080, path: "/health", isSecure: false, hasHeader: false }],
    ["--host ::", { host: "127.0.0.1", port: 8080, path: "/health", isSecure: false, hasHeader: false }],
    ["--host 0:0::0", { host: "127.0.0.1", port: 8080, path: "/health", isSecure: false, hasHeader: false }],
    ["--host ::1", { host: "::1", port: 8080, path: "/health", isSecure: false, hasHeader: false }],
    ["--host localhost", { host: "127.0.0.1", port: 8080, path: "/health", isSecure: false, hasHeader: false }],
    [
      "--admin-prefix /_saker",
      { host: "127.0.0.1", port: 8080, path: "/_saker/health", isSecure: false, hasHeader: false },
    ],
    ["--admin-listen 9090", { host: "127.0.0.1", port: 9090, path: "/health", isSecure: false, hasHeader: false }],
    [
      "--host ::1 --admin-listen :9090",
      { host: "::1", port: 9090, path: "/health", isSecure: false, hasHeader: false },
    ],
    [
      "--admin-listen 10.0.0.8:9090",
      { host: "10.0.0.8", port: 9090, path: "/health", isSecure: false, hasHeader: false },
    ],
    [
      "--admin-listen [::]:9090 --admin-prefix /a",
      { host: "127.0.0.1", port: 9090, path: "/a/health", isSecure: false, hasHeader: false },
    ],
  ])("%p", (line, target) => expect(healthTarget(settingsOf(line === "" ? [] : line.split(" ")))).toEqual(target));
});

describe("targetOfUrl", () => {
  test.each<[string, string, Partial<HealthTarget>]>([
    ["https://127.0.0.1:8443/health", "", { host: "127.0.0.1", port: 8443, path: "/health", isSecure: true }],
    ["https://[::1]", "", { host: "::1", port: 443, path: "/health", isSecure: true }],
    ["http://a.example/x?y", "", { host: "a.example", port: 80, path: "/x?y", isSecure: false, hasHeader: false }],
    ["https://a:8443", "--admin-prefix /p --proxy-protocol", { path: "/p/health", hasHeader: true }],
    ["https://a:9443", "--proxy-protocol", { hasHeader: false }],
  ])("%s with %p", (url, line, target) => {
    const settings = settingsOf(line === "" ? [] : line.split(" "));
    expect(targetOfUrl(url, settings)).toMatchObject(target);
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
function serveOctets(octets: string | null, requests: string[] = []) {
  return Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
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
