/** Proofs of control as a worker shows them. */
import { describe, expect, test } from "bun:test";
import { Hello, proofAskedFor } from "../../src/process/handshake-proofs.ts";
import { Proofs } from "../../src/process/proofs.ts";

class Shown {
  readonly texts = new Map<string, string>();

  textFor(token: string): string | null {
    return this.texts.get(token) ?? null;
  }

  contextFor(name: string): unknown | null {
    return this.texts.get(name) ?? null;
  }
}

function proofs(answerMsMax?: number) {
  const shown = new Shown();
  const asked: string[] = [];
  return { shown, asked, it: new Proofs({ shown, ask: (id) => void asked.push(id), answerMsMax }) };
}

describe("what is known", () => {
  test("is said without a question", async () => {
    const { shown, asked, it } = proofs();
    shown.texts.set("token", "text");
    expect([await it.textFor("token"), await it.contextFor("token")]).toEqual(["text", "text"]);
    expect(asked).toEqual([]);
  });
});

describe("what isn't", () => {
  test("is asked for once, however many want it", async () => {
    const { shown, asked, it } = proofs();
    const answers = Promise.all([it.textFor("token"), it.textFor("token")]);
    expect(asked).toEqual(["http-01:token"]);
    shown.texts.set("token", "text");
    it.answered("http-01:token");
    expect(await answers).toEqual(["text", "text"]);
  });

  test("is nothing when the master knows nothing, or doesn't answer", async () => {
    const { it } = proofs(1);
    const answer = it.textFor("token");
    it.answered("http-01:token");
    expect(await answer).toBeNull();
    expect(await it.contextFor("a.example")).toBeNull();
  });

  test("isn't asked for by more than a few at a time", async () => {
    const { asked, it } = proofs();
    const answers = Array.from({ length: 100 }, (_, index) => it.textFor(`token-${index}`));
    expect(asked.length).toBe(16);
    expect(await answers.at(-1)).toBeNull();
    for (const id of asked) it.answered(id);
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 100 }, () => null));
  });
});

describe("a handshake", () => {
  /** A ClientHello with one name and these protocols (RFC 8446 §4.1.2), nothing else. */
  function hello(name: string, ...protocols: string[]): Buffer {
    const vector = (size: 1 | 2 | 3, ...parts: Buffer[]): Buffer => {
      const content = Buffer.concat(parts);
      const length = Buffer.alloc(size);
      length.writeUIntBE(content.length, 0, size);
      return Buffer.concat([length, content]);
    };
    const extension = (type: number, content: Buffer): Buffer =>
      Buffer.concat([Buffer.of(0, type), vector(2, content)]);
    const serverName = extension(0, vector(2, Buffer.of(0), vector(2, Buffer.from(name))));
    const alpn = extension(16, vector(2, ...protocols.map((protocol) => vector(1, Buffer.from(protocol)))));
    const body = Buffer.concat([
      Buffer.alloc(34),
      vector(1),
      vector(2, Buffer.of(0x13, 0x01)),
      vector(1, Buffer.of(0)),
      vector(2, serverName, alpn),
    ]);
    return Buffer.concat([Buffer.of(22, 3, 1), vector(2, Buffer.of(1), vector(3, body))]);
  }

  test.each<[string, Buffer, Hello | string]>([
    ["for a proof", hello("A.example.", "acme-tls/1"), "a.example"],
    ["for a proof of an IPv4 address", hello("1.2.0.192.in-addr.arpa", "acme-tls/1"), "192.0.2.1"],
    [
      "for a proof of an IPv6 address",
      hello(`1.${"0.".repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`, "acme-tls/1"),
      "2001:db8::1",
    ],
    ["of a browser", hello("a.example", "h2", "http/1.1"), Hello.Ordinary],
    ["that offers it among others", hello("a.example", "acme-tls/1", "h2"), Hello.Ordinary],
    ["that isn't whole", hello("a.example", "acme-tls/1").subarray(0, 50), Hello.Incomplete],
    ["that is none", Buffer.from("GET / HTTP/1.1\r\n"), Hello.Ordinary],
  ])("%s", (_what, octets, expected) => {
    expect(proofAskedFor(octets)).toBe(expected);
  });
});
