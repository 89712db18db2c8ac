/** Proofs by http-01, in front of everything that a worker serves. */
import { describe, expect, test } from "bun:test";
import type { Reply } from "../../src/http/reply.ts";
import { ChallengeApplication } from "../../src/process/challenge-application.ts";
import { Proofs } from "../../src/process/proofs.ts";
import { type Application, Exemption } from "../../src/serving/application.ts";
import type { Exchange } from "../../src/serving/exchange.ts";
import { headOf } from "../http/support/head-result.ts";
import { ServiceUnderTest } from "../serving/support/service-under-test.ts";
import { until } from "../support/deadline.ts";

const TOKEN = "t".repeat(43);
const OTHER = "o".repeat(43);
const FOLDER = "/.well-known/acme-challenge/";

const FILES = {
  [`.well-known/acme-challenge/${TOKEN}`]: "a file",
  [`.well-known/acme-challenge/${OTHER}`]: "a file",
  ".well-known/security.txt": "another",
};

function under(flags: readonly string[] = [], config = ""): ServiceUnderTest {
  const shown = { textFor: (token: string) => (token === TOKEN ? `${TOKEN}.key` : null), contextFor: () => null };
  const proofs = new Proofs({ shown, ask: (id) => void proofs.answered(id) });
  return new ServiceUnderTest({ files: FILES, flags: ["--domain", "a.example", ...flags], config, proofs });
}

async function ask(service: ServiceUnderTest, target: string, method = "GET"): Promise<string> {
  const { link, connection } = service.connect();
  connection.received(Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: b.example\r\n\r\n`));
  await until(() => link.octets.length > 0, "an answer");
  const answer = link.take();
  link.leave();
  return answer;
}

const HARSH = `[[basic_auth]]
path = "/*"
users = ["me:$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
[[redirect]]
from = "/*"
to = "https://elsewhere.example/"
[[deny_path]]
path = "/.well-known/*"
`;

const OTHER_HOST = `[[virtual_host]]
names = ["c.example"]
`;

describe("a proof", () => {
  test.each(["", HARSH])("is the answer, whatever rules there are", async (rules) => {
    using service = under(["--unknown-host", "421"], rules + OTHER_HOST);
    for (let turn = 0; turn < 2; turn++) {
      const answer = await ask(service, FOLDER + TOKEN);
      expect(answer).toStartWith("HTTP/1.1 200 ");
      expect(answer).toContain("\r\nContent-Type: application/octet-stream\r\n");
      expect(answer).toEndWith(`\r\n\r\n${TOKEN}.key`);
    }
  });

  test("has a head without content for HEAD", async () => {
    using service = under();
    const answer = await ask(service, FOLDER + TOKEN, "HEAD");
    expect(answer).toContain(`Content-Length: ${TOKEN.length + 4}`);
    expect(answer).toEndWith("\r\n\r\n");
  });

  test("that nobody knows is missing, however it is spelled, and is no file", async () => {
    using service = under();
    const spellings = [
      FOLDER,
      "/.well-known/acme%2Dchallenge/",
      "//.well-known//acme-challenge/",
      "/x/../.well-known/acme-challenge/",
    ];
    for (const folder of spellings) {
      for (const token of [OTHER, "short", "a/b", `${OTHER}?x`, ""]) {
        const answer = await ask(service, folder + token);
        expect([folder + token, answer.slice(0, 12)]).toEqual([folder + token, "HTTP/1.1 404"]);
        expect(answer).not.toContain("a file");
      }
    }
  });

  test("isn't what everything else is", async () => {
    using service = under();
    expect(await ask(service, "/.well-known/security.txt")).toEndWith("another");
    expect(await ask(service, FOLDER + TOKEN, "POST")).toStartWith("HTTP/1.1 405");
  });

  test("isn't looked for where they are shown in another way, or nothing is gotten", async () => {
    const proofs = new Proofs({ shown: { textFor: () => "x", contextFor: () => null }, ask() {} });
    for (const flags of [["--domain", "a.example", "--tls-acme-challenge", "tls-alpn-01"], []]) {
      using service = new ServiceUnderTest({ files: FILES, flags, proofs });
      expect(await ask(service, FOLDER + TOKEN)).toEndWith("a file");
    }
  });
});

test("limits per client don't concern it", () => {
  using service = under();
  const { application } = service.service.partsFor(false);
  const headFor = (target: string) => headOf(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
  expect(application.exemptionOf(headFor(FOLDER + OTHER), true)).toBe(Exemption.Everybody);
  expect(application.exemptionOf(headFor("/.well-known/security.txt"), true)).toBe(Exemption.Nobody);
});

test("a client that goes while its proof is looked for has a reply all the same, which ends the work for it", async () => {
  const found = Promise.withResolvers<string | null>();
  const replies: number[] = [];
  const application = new ChallengeApplication({
    inner: { refusal: () => fail() } as unknown as Application,
    site: { canonicalPathOf: () => FOLDER + TOKEN },
    proofs: { textFor: () => found.promise },
    serverField: "",
  });
  const exchange = {
    request: headOf(`GET ${FOLDER}${TOKEN} HTTP/1.1\r\nHost: a\r\n\r\n`),
    isAbandoned: false,
    reply: ({ status }: Reply) => void replies.push(status),
  };
  application.answer(exchange as unknown as Exchange);
  exchange.isAbandoned = true;
  found.resolve("proof");
  await until(() => replies.length > 0, "the reply");
  expect(replies).toEqual([200]);
});

function fail(): never {
  throw new Error("it isn't refused");
}
