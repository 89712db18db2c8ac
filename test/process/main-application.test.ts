/** Endpoints and site behind one listener. */
import { describe, expect, test } from "bun:test";
import { Exemption } from "../../src/serving/application.ts";
import { headOf } from "../http/support/head-result.ts";
import { until } from "../support/deadline.ts";
import { ServiceUnderTest } from "../serving/support/service-under-test.ts";

const FILES = { "a.txt": "a", health: "a page of that name", "deep/health": "another" };
const headFor = (target: string) => headOf(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);

async function ask(under: ServiceUnderTest, target: string): Promise<string> {
  const { link, connection } = under.connect();
  connection.received(Buffer.from(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`));
  await until(() => link.octets.length > 0, "an answer");
  const answer = link.take();
  link.leave();
  return answer;
}

describe("an endpoint", () => {
  test.each(["/health", "/%68ealth", "//health", "/x/../health", "/health?page"])(
    "is meant by %s, whatever the site has",
    async (target) => {
      using under = new ServiceUnderTest({ files: FILES });
      for (let turn = 0; turn < 2; turn++) expect(await ask(under, target)).toContain('"status"');
    },
  );

  test.each([
    ["/deep/health", "another"],
    ["/a.txt", "a"],
  ])("isn't meant by %s", async (target, content) => {
    using under = new ServiceUnderTest({ files: FILES });
    for (let turn = 0; turn < 2; turn++) expect(await ask(under, target)).toEndWith(`\r\n\r\n${content}`);
  });

  test("is nowhere here with a listener of its own", async () => {
    using under = new ServiceUnderTest({ files: FILES, flags: ["--admin-listen", "127.0.0.1:9"] });
    expect(await ask(under, "/health")).toEndWith("a page of that name");
  });
});

describe("whom limits don't concern", () => {
  test.each<[target: string, isUnknown: boolean, exemption: Exemption]>([
    ["/health", true, Exemption.Admins],
    ["/%68ealth", true, Exemption.Admins],
    ["/health", false, Exemption.Nobody], // what is known is never an endpoint
    ["/a.txt", true, Exemption.Nobody],
    ["/%", true, Exemption.Nobody],
  ])("%s, unknown: %p", (target, isUnknown, exemption) => {
    using under = new ServiceUnderTest({ files: FILES });
    const { application } = under.service.partsFor(false);
    expect(application.exemptionOf(headFor(target), isUnknown)).toBe(exemption);
  });
});
