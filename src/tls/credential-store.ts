/**
 * The master's certificates: read, checked, watched, and published to the workers.
 *
 * In:    settings; sources that change (watched-sources.ts).
 * Out:   a descriptor that workers inherit, on which they find what is valid (credential-memory.ts); `onChange` when that is
 *        another version; lines in the log.
 * Keeps: what is published was good when it was read. A source that turns bad keeps its last good state, and so does one whose new
 *        certificate isn't valid now. While a pair is being replaced its halves don't belong together: that is not yet a fault, and one
 *        only if it stays so.
 *        During a reload the sources of both configurations are published.
 * Fails: `open` and `prepare` throw one line about the first source that can't be served.
 */
import { closeSync, constants, fchmodSync, openSync } from "node:fs";
import { servesHttps } from "../config/https.ts";
import type { Settings } from "../config/settings.ts";
import type { ErrorLog } from "../log/error-log.ts";
import { openAnonymousFile } from "../sys/anonymous-file.ts";
import { pathOfDescriptor } from "../sys/anonymous-memory.ts";
import type { CredentialFacts, PairFacts } from "./credential-facts.ts";
import { CredentialMemoryReader, CredentialMemoryWriter, type Piece } from "./credential-memory.ts";
import { PLACEHOLDER } from "./credential-sources.ts";
import type { Environment } from "./self-signed/authority.ts";
import { acmeSources } from "./acme/acme-sources.ts";
import type { Warning } from "./warning.ts";
import { objectionTo } from "./replacement.ts";
import { type GoodOutcome, type WatchedSource, watchedSources } from "./watched-sources.ts";

/** Two files are replaced within milliseconds, by hand within seconds. */
const PATIENCE_MS = 5000;

/** In a row; a private authority's certificates, of which there may be thousands, all have the same. */
const WARNINGS_MAX = 10;

type Log = Pick<ErrorLog, "info" | "warn" | "error">;
type TlsSettings = Pick<Settings, "host" | "tls" | "virtual_host">;

/** A source, and what has become of it. */
interface Watch {
  readonly source: WatchedSource;
  /** What is published of it. */
  piece: Piece<CredentialFacts>;
  /** The version that was read, or given up. */
  done: string;
  /** The version at the last look, and since when. */
  seen: string;
  sinceMs: number;
  /** When the version that was read is to be read again, as what is published isn't it; Infinity: never. */
  againMs: number;
}

export interface CredentialStoreOptions {
  readonly log: Log;
  readonly env: Environment;
  /** The memory of the previous program in this process. */
  readonly inheritedFd?: number;
}

/** Sources of a configuration that isn't valid yet. */
export interface CredentialChange {
  readonly watches: readonly Watch[];
}

export class CredentialStore {
  /** Told the version that is valid from now on. */
  onChange: (version: number) => void = () => {};
  private watches: readonly Watch[] = [];
  /** Of a configuration that isn't valid yet; what is published meanwhile has them, too. */
  private prepared: readonly Watch[] = [];
  /** What is published beside the sources. */
  private readonly beside = new Map<string, Piece<CredentialFacts>>();
  private memory: CredentialMemoryWriter<CredentialFacts> | null = null;
  private readonly warned = new Set<string>();
  /** For workers: they can read there, and not write. */
  private readOnlyFd = -1;
  /** What the previous program had published, for sources that are bad at this moment. */
  private readonly before: ReadonlyMap<string, Piece<CredentialFacts>>;

  constructor(private readonly options: CredentialStoreOptions) {
    const { inheritedFd } = options;
    this.before = inheritedFd === undefined ? new Map() : piecesOf(inheritedFd);
    // Of another format it is left to the workers that know it.
    if (inheritedFd !== undefined && this.before.size > 0) this.useMemory(inheritedFd);
  }

  /** The sources of the first configuration. */
  static open(settings: TlsSettings, options: CredentialStoreOptions): CredentialStore {
    const store = new CredentialStore(options);
    store.adopt(store.prepare(settings));
    return store;
  }

  /** To be handed over to a program that takes this one's place; null where there is no HTTPS. */
  get fd(): number | null {
    return this.memory?.fd ?? null;
  }

  /** To be inherited by workers; null where there is no HTTPS. */
  get fdForWorkers(): number | null {
    return this.readOnlyFd === -1 ? null : this.readOnlyFd;
  }

  get version(): number {
    return this.memory?.version ?? 0;
  }

  /** What is served, but for what stands in for it. */
  get certificates(): readonly PairFacts[] {
    return this.watches.flatMap(({ piece: { facts, id } }) =>
      facts.kind === "pair" && id !== PLACEHOLDER ? [facts] : [],
    );
  }

  /** Reads what the settings name and wasn't read yet, and publishes it beside what is valid. Adopt or abandon it. */
  prepare(settings: TlsSettings, nowMs = Date.now()): CredentialChange {
    if (!servesHttps(settings)) return { watches: [] };
    const known = new Map(this.watches.map((watch) => [watch.source.key, watch]));
    const { env } = this.options;
    const warnings: Warning[] = [];
    const watches = [...watchedSources(settings, env), ...acmeSources(settings, env)].map((source) => {
      return known.get(source.key) ?? this.begin(source, nowMs, warnings);
    });
    this.warn(warnings);
    if (watches.some((watch) => !this.watches.includes(watch))) {
      this.prepared = watches;
      this.publish();
    }
    return { watches };
  }

  adopt({ watches }: CredentialChange): void {
    const isLess = this.watches.some((watch) => !watches.includes(watch));
    this.watches = watches;
    this.prepared = [];
    if (isLess) this.publish();
  }

  abandon(change: CredentialChange): void {
    this.prepared = [];
    if (change.watches.some((watch) => !this.watches.includes(watch))) this.publish();
  }

  /** Several times a second: takes over what has changed. */
  look(nowMs = Date.now()): void {
    const changed = this.watches.filter((watch) => this.lookAt(watch, nowMs));
    if (changed.length === 0) return;
    this.announce();
  }

  /** Publishes something beside what the sources give, until it is told to hide it. */
  show(piece: Piece<CredentialFacts>): void {
    this.beside.set(piece.id, piece);
    this.announce();
  }

  hide(id: string): void {
    if (this.beside.delete(id)) this.announce();
  }

  close(): void {
    const { fd, fdForWorkers } = this;
    if (fdForWorkers !== null && fdForWorkers !== fd) closeSync(fdForWorkers);
    if (fd !== null) closeSync(fd);
    this.readOnlyFd = -1;
    this.memory = null;
  }

  /** Throws where the source can't be served, and never could. */
  private begin(source: WatchedSource, nowMs: number, warnings: Warning[]): Watch {
    const version = source.version();
    const outcome = source.read(nowMs);
    const before = this.before.get(source.id);
    if (!outcome.isGood && before === undefined) throw new Error(outcome.line);
    if (!outcome.isGood || (before !== undefined && objectionTo(outcome.piece.facts, before.facts, nowMs) !== null)) {
      // Another version than the present one: it is looked at again, and complained about if it stays so.
      return { source, piece: before!, done: "", seen: version, sinceMs: nowMs, againMs: Infinity };
    }
    warnings.push(...outcome.warnings);
    return { source, piece: outcome.piece, done: version, seen: version, sinceMs: nowMs, againMs: Infinity };
  }

  /** Whether there is something new to publish. */
  private lookAt(watch: Watch, nowMs: number): boolean {
    const { source } = watch;
    const { log } = this.options;
    const version = source.version();
    if (version === watch.done && nowMs < watch.againMs) {
      watch.seen = version;
      return false;
    }
    if (version !== watch.seen) {
      // Whoever writes it may not be done.
      watch.seen = version;
      watch.sinceMs = nowMs;
      return false;
    }
    const outcome = source.read(nowMs);
    if (outcome.isGood && source.version() === version) {
      watch.done = version;
      return this.replace(watch, outcome, nowMs);
    }
    if (outcome.isGood || nowMs - watch.sinceMs < PATIENCE_MS) return false;
    watch.done = version;
    watch.againMs = Infinity;
    log.error(`${outcome.line}; the former one stays`);
    return false;
  }

  /** Whether what was read takes the place of what is published. */
  private replace(watch: Watch, { piece, summary, warnings }: GoodOutcome, nowMs: number): boolean {
    const { log } = this.options;
    const { label } = watch.source;
    const objection = objectionTo(piece.facts, watch.piece.facts, nowMs);
    watch.againMs = objection?.untilMs ?? Infinity;
    if (objection !== null) {
      log.error(`certificate ${label} ${objection.problem}`);
      return false;
    }
    watch.piece = piece;
    log.info(`${label} has changed, and serves new connections: ${summary}`);
    this.warn(warnings);
    return true;
  }

  private announce(): void {
    this.publish();
    if (this.memory !== null) this.onChange(this.version);
  }

  /** A renewed certificate has the faults of its predecessor: what was said isn't said again. */
  private warn(warnings: readonly Warning[]): void {
    const { log } = this.options;
    const news = warnings.filter(({ text }) => !this.warned.has(text));
    for (const { text } of news) this.warned.add(text);
    for (const { text } of news.slice(0, WARNINGS_MAX)) log.warn(text);
    const left = news.length - WARNINGS_MAX;
    if (left > 0) log.warn(`and ${left} more of that kind: \`saker check\` lists them`);
  }

  private publish(): void {
    const watches = [...this.prepared, ...this.watches];
    if (watches.length === 0) return;
    const pieces = new Map(watches.toReversed().map(({ piece }) => [piece.id, piece]));
    for (const piece of this.beside.values()) pieces.set(piece.id, piece);
    if (this.memory === null) this.useMemory(openAnonymousFile("saker-credentials"));
    this.memory!.publish([...pieces.values()]);
  }

  private useMemory(fd: number): void {
    fchmodSync(fd, constants.S_IRUSR | constants.S_IWUSR);
    this.memory = new CredentialMemoryWriter(fd);
    this.readOnlyFd = openReadOnly(fd);
  }
}

/** Another descriptor of the same file; the same one where the system has no names for descriptors. */
function openReadOnly(fd: number): number {
  try {
    return openSync(pathOfDescriptor(fd), constants.O_RDONLY);
  } catch {
    return fd;
  }
}

/** All that a memory holds; nothing where it is of another format. */
function piecesOf(fd: number): Map<string, Piece<CredentialFacts>> {
  const reader = new CredentialMemoryReader<CredentialFacts>(fd);
  const pieces = new Map<string, Piece<CredentialFacts>>();
  for (const entry of reader.pieces.values()) {
    const texts = reader.read(entry);
    if (texts !== null) pieces.set(entry.id, { id: entry.id, facts: entry.facts, texts });
  }
  return pieces;
}
