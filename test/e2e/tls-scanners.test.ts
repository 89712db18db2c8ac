/** What scanners say of a server with the settings that it has by itself: sslscan, testssl. */
import { afterAll, expect, test } from "bun:test";
import { CertificateFolder, makePair } from "../support/certificates.ts";
import { useSaker } from "../support/use-saker.ts";

const folder = new CertificateFolder();
afterAll(() => folder[Symbol.dispose]());
folder.writePair("pair", makePair(["localhost", "127.0.0.1"]));

const shared = useSaker({
  site: { "index.html": "hello" },
  config: `[tls]\ncertificate = "${folder.at("pair.pem")}"\nkey = "${folder.at("pair.key")}"\n`,
});

const lacks = (program: string): boolean => Bun.which(program) === null;
const name = (program: string): string => `${program}${lacks(program) ? " (not installed here)" : ""}`;

async function scan(...command: string[]): Promise<string> {
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  return new Response(child.stdout).text();
}

test.concurrent.skipIf(lacks("sslscan"))(
  `${name("sslscan")} finds two versions, and only suites with AEAD`,
  async () => {
    const said = await scan("sslscan", "--no-colour", "--no-check-certificate", `127.0.0.1:${shared.saker.httpsPort}`);
    const enabled = [...said.matchAll(/^(\S+)\s+(enabled|disabled)$/gm)].filter(([, , state]) => state === "enabled");
    expect(enabled.map(([, version]) => version)).toEqual(["TLSv1.2", "TLSv1.3"]);
    const suites = [...said.matchAll(/^(?:Preferred|Accepted)\s+\S+\s+\d+ bits\s+(\S+)/gm)].map(([, suite]) => suite!);
    expect(suites.length).toBeGreaterThanOrEqual(6);
    expect(suites.filter((suite) => !/GCM|POLY1305/.test(suite))).toEqual([]);
    expect(said).not.toMatch(/: vulnerable|^TLSv1\.\d vulnerable/m);
  },
);

/**
 * Of the client's order of suites it says that it isn't right; it is what Mozilla's recommendation has, where every suite is good: clients know
 * whether they have AES in hardware. Who has signed the certificate is the test's business.
 */
const KNOWN = /Has server cipher order|Chain of trust|neither CRL nor OCSP/;

/** What sslscan has looked at (suites by their strength, Heartbleed) isn't looked at again. */
test.concurrent.skipIf(lacks("testssl"))(
  `${name("testssl")} finds nothing wrong`,
  async () => {
    const address = `127.0.0.1:${shared.saker.httpsPort}`;
    const flags = "--quiet --color 0 --warnings batch --fast -p -f -P -I -T -R".split(" ");
    const said = await scan("testssl", ...flags, address);
    expect(said).toMatch(/TLS 1\.3\s+offered \(OK\)/);
    const faults = said.split("\n").filter((line) => /NOT ok|VULNERABLE/.test(line) && !KNOWN.test(line));
    expect(faults).toEqual([]);
  },
  120_000,
);
