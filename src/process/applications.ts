/**
 * What answers in a worker: the site, the admin endpoints, and what they share.
 *
 * In:    settings, the worker's slot and logs.
 * Out:   an application for each kind of listener; what they say of the configuration.
 * Keeps: built once when the worker starts, from the settings and nothing else; a reload starts another worker.
 */
import { AdminApplication } from "../admin/admin-application.ts";
import type { ResponseCache } from "../cache/response-cache.ts";
import type { Settings } from "../config/settings.ts";
import type { OwnFile } from "../config/own-files.ts";
import type { ErrorLog } from "../log/error-log.ts";
import type { Application } from "../serving/application.ts";
import type { Refusals } from "../serving/client-gate.ts";
import { buildSite, cacheFor } from "../site/build-site.ts";
import type { Coder } from "../site/coding/coder.ts";
import type { Entry } from "../site/entry/entry.ts";
import type { RuleFilesByRoot } from "../site/rule-files.ts";
import type { Site } from "../site/site.ts";
import type { Segment } from "../stats/segment.ts";
import type { Slot } from "../stats/slot.ts";
import { termsOf } from "../tls/certificate-terms.ts";
import type { HostContexts } from "../tls/host-contexts.ts";
import { ChallengeApplication } from "./challenge-application.ts";
import { hiddenPages } from "./hidden-pages.ts";
import { HttpsRedirect } from "./https-redirect.ts";
import type { OwnPorts } from "./https-url.ts";
import { LoadCounts } from "./load-counts.ts";
import { MainApplication } from "./main-application.ts";
import type { Proofs } from "./proofs.ts";
import { SlotCodingCounts } from "./slot-coding-counts.ts";
import { badCertificateRefusal, plainTextRefusal } from "./text-refusal.ts";

export interface ApplicationsOptions {
  readonly settings: Settings;
  readonly segment: Segment;
  readonly slot: Slot;
  readonly log: ErrorLog;
  readonly version: string;
  readonly commit: string;
  /** As in StartMessage. */
  readonly isSuccessor?: boolean;
  /** The server's own files, which are never sent. */
  readonly ownFiles?: readonly OwnFile[];
  /** As in StartMessage. */
  readonly ruleFiles?: RuleFilesByRoot;
  /** The ports of the site; absent where it isn't served by HTTPS. */
  readonly ports?: OwnPorts | null;
  /** Proofs for authorities; absent where saker gets no certificates. */
  readonly proofs?: Proofs | null;
  /** Certificates by name; null where there is no HTTPS. */
  readonly contexts?: HostContexts | null;
}

export class Applications {
  /** Answers on the listeners of the site: by plain HTTP, and by HTTPS. */
  readonly site: Application;
  readonly secureSite: Application;
  /** Answer on a port of HTTPS what came in plain text, and who has shown a certificate that isn't trusted. */
  readonly plainTextRefusal: Application | null;
  readonly badCertificateRefusal: Application;
  /** Answers on listeners where nothing but the admin endpoints is served. */
  readonly admin: Application;
  /** Words what the client gate refuses. */
  readonly refusals: Refusals;
  /** Content coding of the site's files. */
  readonly coder: Coder;
  /** Warnings: what differs from the configuration. */
  readonly notes: readonly string[];
  /** What is as configured, and perhaps not as expected. */
  readonly advice: readonly string[];
  /** Document roots that weren't there, for a successor. */
  readonly rootsMissing: ReadonlySet<string>;
  private readonly cache: ResponseCache<Entry>;
  private readonly counts: LoadCounts;
  private readonly segment: Segment;
  private cacheGeneration: number;

  /** `nowMs`: the monotonic clock. Throws when a document root can't be entered, unless others serve already. */
  constructor(options: ApplicationsOptions, nowMs: () => number, onError: (error: unknown) => void) {
    const { log, ownFiles, ruleFiles, segment, settings, slot } = options;
    this.segment = segment;
    this.cacheGeneration = segment.cacheGeneration;
    this.cache = cacheFor(settings);
    const warn = (message: string): void => log.warn(message);
    const codingCounts = new SlotCodingCounts(slot.values);
    this.counts = new LoadCounts(slot.values, this.cache, log);
    const surroundings = {
      ownFiles,
      ruleFiles,
      mayLackRoots: options.isSuccessor ?? false,
      warn,
      report: this.counts,
      now: nowMs,
    };
    const built = buildSite(settings, this.cache, surroundings, codingCounts);
    this.rootsMissing = built.rootsMissing;
    this.coder = built.coder;
    this.notes = [...built.notes, ...hiddenPages(settings, built.hosts)];
    this.advice = built.advice;
    this.refusals = built.site;
    const endpoints = new AdminApplication({
      prefix: settings.admin_prefix,
      allow: settings.admin_allow,
      segment,
      version: options.version,
      commit: options.commit,
      serverField: settings.server_header,
      errors: built.errors,
      certificates: () => termsOf(options.contexts?.certificates ?? [], Date.now()),
      orders: () => options.contexts?.acmeStatus ?? null,
      onError,
    });
    const own = settings.admin_listen === null ? endpoints : null;
    const { ports = null } = options;
    const { server_header: serverField, tls } = settings;
    const plain = new MainApplication(built.site, own);
    const proving = (inner: Application, site: Site): Application => {
      const { proofs = null } = options;
      if (proofs === null || tls.acme?.challenge !== "http-01") return inner;
      return new ChallengeApplication({ inner, site, proofs, serverField });
    };
    const secure = own === null ? built.secureSite : new MainApplication(built.secureSite, own);
    this.secureSite = proving(secure, built.secureSite);
    this.plainTextRefusal = ports === null ? null : plainTextRefusal(serverField, ports);
    this.badCertificateRefusal = badCertificateRefusal(serverField);
    const isBehindProxy = settings.trusted_proxies.length > 0;
    const redirects = ports !== null && tls.redirect;
    const served = own === null ? built.site : plain;
    const open = redirects ? new HttpsRedirect(plain, { serverField, ports, isBehindProxy }) : served;
    this.site = proving(open, built.site);
    this.admin = endpoints;
  }

  /** Once a second: the coder's budget, and the purge of the cache that another process may have asked for. */
  tick(nowMs: number): void {
    this.coder.tick(nowMs);
    const generation = this.segment.cacheGeneration;
    if (generation === this.cacheGeneration) return;
    this.cacheGeneration = generation;
    this.cache.clear();
    this.counts.loaded();
  }
}
