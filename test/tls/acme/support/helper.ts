/**
 * The helper of the server, run by a test that stands in for the master.
 *
 * In:    settings of `[tls.acme]`, tasks. Out: its reports; proofs are shown by a `ShownProofs` of the test's.
 * Keeps: a storage of its own, which is gone at the end of the scope.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AcmeHelper } from "../../../../src/master/acme-helper.ts";
import type { AcmeReport, AcmeSettings, AcmeTask, ShownProof } from "../../../../src/tls/acme/helper-messages.ts";
import { AcmeStorage } from "../../../../src/tls/acme/storage.ts";
import { PROJECT } from "../../../support/executable.ts";
import type { Pebble } from "./pebble.ts";
import { ShownProofs } from "./provers.ts";

export const ACME_SETTINGS: AcmeSettings = {
  names: ["a.example"],
  email: "",
  agree_to_terms: true,
  directory: "https://127.0.0.1:1/directory",
  challenge: "http-01",
  dns_hook: null,
  one_certificate: false,
  profile: "",
  preferred_chain: "",
  storage: null,
  directory_ca: null,
  eab_key_id: "",
  eab_hmac_key_file: null,
};

const COMMAND = [process.execPath, join(PROJECT, "src/main.ts"), "--saker-acme"];

export class HelperUnderTest implements Disposable {
  readonly folder: string;
  readonly storage: AcmeStorage;
  readonly helper = new AcmeHelper(COMMAND);
  private readonly isOwner: boolean;

  constructor(
    private readonly settings: Partial<AcmeSettings>,
    readonly proofs = new ShownProofs("http-01"),
    folder?: string,
  ) {
    this.isOwner = folder === undefined;
    this.folder = folder ?? mkdtempSync(join(tmpdir(), "saker-acme-"));
    this.storage = new AcmeStorage(this.folder);
  }

  /** `folder`: a storage that it shares with another. */
  static for(
    pebble: Pebble,
    proofs?: ShownProofs,
    settings: Partial<AcmeSettings> = {},
    folder?: string,
  ): HelperUnderTest {
    const own = { directory: pebble.directoryUrl, directory_ca: pebble.authoritiesFile };
    return new HelperUnderTest({ ...own, ...settings }, proofs, folder);
  }

  /** The reports, in the order of the tasks. */
  async run(
    tasks: readonly AcmeTask[] = [{ id: "a.example", names: ["a.example"], wish: "due" }],
    rehearsalDirectory: string | null = null,
  ): Promise<AcmeReport[]> {
    const settings = { ...ACME_SETTINGS, ...this.settings };
    const job = { settings, storage: this.folder, rehearsalDirectory, userAgent: "saker-test", tasks };
    const board = {
      show: (proof: ShownProof): void => void this.proofs.shown.set(proof.token, proof),
      hide: (token: string): void => void this.proofs.shown.delete(token),
    };
    const reports: AcmeReport[] = [];
    await this.helper.run({ job, board, isConfined: false, retryMs: 0, report: (came) => void reports.push(came) });
    return reports;
  }

  [Symbol.dispose](): void {
    this.helper.stop();
    if (this.isOwner) rmSync(this.folder, { recursive: true, force: true });
  }
}
