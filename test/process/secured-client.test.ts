/** Which hosts a connection's requests may be for, asked as seldom as possible; and what the log says of it. */
import { expect, test } from "bun:test";
import { SecuredClients } from "../../src/process/secured-client.ts";
import type { ConnectionIdentity, HostContexts, TlsContext } from "../../src/tls/host-contexts.ts";
import { headOf } from "../http/support/head-result.ts";

const asked: string[] = [];
const contexts = {
  admits: ({ serverName }: ConnectionIdentity, host: string) => (asked.push(`${serverName} ${host}`), host !== "b"),
} as unknown as HostContexts;
const context = { label: "one" } as TlsContext;
const forHost = (host: string) => headOf(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);

test("a verdict is asked for once while the host is the same", () => {
  const client = new SecuredClients(contexts).of(context, "a", null);
  asked.length = 0;
  const verdicts = ["a", "a:8443", "b", "b", "a"].map((host) => client.admits(forHost(host)));
  expect(verdicts).toEqual([true, true, false, false, true]);
  expect(asked).toEqual(["a a", "a b", "a a"]);
  expect(client.admits(headOf("GET / HTTP/1.0\r\n\r\n"))).toBe(true);
});

test("clients that agreed on the same share it, others don't", () => {
  const clients = new SecuredClients(contexts);
  const agreed = { version: "TLSv1.3", suite: "TLS_AES_128_GCM_SHA256", isResumed: false };
  const first = clients.of(context, "a", agreed);
  expect(clients.of(context, "a", { ...agreed })).toBe(first);
  expect(Buffer.from(first.logged!.json).toString()).toBe(
    ',"tls":"1.3","suite":"TLS_AES_128_GCM_SHA256","sni":"a","resumed":false',
  );
  const others = [
    clients.of(context, "a", { ...agreed, isResumed: true }),
    clients.of(context, "A", { ...agreed, isResumed: true }),
    clients.of({ ...context }, "A", { ...agreed, isResumed: true }),
    clients.of(context, null, null),
  ];
  expect(new Set([first, ...others]).size).toBe(5);
  expect(others[3]!.logged).toBeNull();
});
