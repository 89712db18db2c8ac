/**
 * The supervisor: which workers there are to be. It starts them, replaces them, hands them on, ends them; seat-keeper.ts sees to it
 * that it stays so.
 *
 * In:    settings, listening sockets, the statistics segment. Told to start (or to adopt workers), to replace them (reload), to
 *        resize, to release them (upgrade), and to stop.
 * Out:   running workers; `gaveUp` when they die too often.
 * Keeps: a worker is drained only after its successor is ready. After `stop` or `killAll` nothing is started any more.
 * Fails: `start` rejects with a StartError when a worker reports that it can't start, or exits before it is ready;
 *        `replace` rejects when the first new worker does. A worker that dies otherwise is started again.
 */
import type { Settings } from "../config/settings.ts";
import type { SharedTables } from "../quota/shared-tables.ts";
import type { RuleFilesByRoot } from "../site/rule-files.ts";
import type { Segment } from "../stats/segment.ts";
import type { CredentialStore } from "../tls/credential-store.ts";
import type { ChallengeBoard } from "./challenge-board.ts";
import type { Executable } from "./executable.ts";
import { startFirstSuccessor } from "./first-successor.ts";
import { Launcher, type Log, type Plan } from "./launcher.ts";
import type { MissingRoots } from "./missing-roots.ts";
import { readRules } from "./read-rules.ts";
import { Seat } from "./seat.ts";
import { SeatKeeper } from "./seat-keeper.ts";
import { type EndpointAddresses, endpointsAfter, openedBy, type SocketChange, type Sockets } from "./sockets.ts";
import { StartError } from "./start-error.ts";
import { SupervisorState } from "./supervisor-state.ts";
import { workerCount } from "./worker-count.ts";
import { type Worker, WorkerState } from "./worker.ts";
import type { WorkerProcess } from "./worker-process.ts";

export type SupervisorOptions = {
  readonly settings: Settings;
  readonly sockets: Sockets;
  readonly segment: Segment;
  readonly tables: SharedTables;
  readonly credentials: CredentialStore;
  readonly challenges: ChallengeBoard;
  readonly log: Log;
  readonly version: string;
  readonly configFiles?: readonly string[];
  /** What workers run, until a reload finds another file at its path. */
  readonly executable: Executable;
  /** Generation of the settings: number of reloads so far. */
  readonly generation: number;
  /** The rules of that generation; absent: those that are there now. */
  readonly rules?: RuleFilesByRoot;
};

/** Sockets and certificates for a plan that isn't valid yet. */
type Prepared = { readonly change: SocketChange; readonly adopt: () => void; readonly abandon: () => void };

export class Supervisor {
  private readonly launcher: Launcher;
  private readonly keeper: SeatKeeper;

  constructor(private readonly options: SupervisorOptions) {
    const { settings, sockets, executable, generation, rules = readRules(settings) } = options;
    const { endpoints } = sockets;
    this.launcher = new Launcher(options);
    const plan = { settings, rules, generation, workers: workerCount(settings), endpoints, executable };
    this.keeper = new SeatKeeper(options, this.launcher, plan);
    options.credentials.onChange = (version) => this.keeper.crew.announceCredentials(version);
  }

  /** Resolves with the reason when workers die more often than `max_restarts` allows. Never rejects. */
  get gaveUp(): Promise<string> {
    return this.keeper.restarts.gaveUp;
  }

  get settings(): Settings {
    return this.plan.settings;
  }

  /** Rules in document roots, which all workers of this generation obey. */
  get rules(): RuleFilesByRoot {
    return this.plan.rules;
  }

  get workers(): number {
    return this.plan.workers;
  }

  get generation(): number {
    return this.plan.generation;
  }

  get executable(): Executable {
    return this.plan.executable;
  }

  private get plan(): Plan {
    return this.keeper.plan;
  }

  /** Told to stop, or about to end for another reason. */
  get isStopping(): boolean {
    return this.keeper.isStopping;
  }

  /** All running workers, including those that are ending. */
  get running(): readonly Worker[] {
    return this.keeper.crew.all;
  }

  /** Document roots that weren't there when workers started. */
  get missing(): MissingRoots {
    return this.keeper.missing;
  }

  /**
   * Starts all workers; resolves when each seat is served (or `stop` was called, or some seats can't be served for now), rejects when a
   * worker reports that it can't start, or none does.
   */
  async start(): Promise<void> {
    const { seats, firstStart } = this.keeper;
    if (this.isStopping) return;
    seats.grow(this.workers);
    for (const seat of seats.all) this.keeper.occupy(seat);
    await firstStart.end();
  }

  /** Instead of `start`: adopts workers that run already. Empty seats are filled by `replace` or `fillSeats`. */
  inherit(workers: readonly Worker[]): void {
    const { seats, firstStart } = this.keeper;
    firstStart.skip();
    seats.grow(this.workers);
    for (const worker of workers.toSorted((a, b) => a.generation - b.generation)) {
      const seat = seats.all[worker.index] ?? new Seat(worker.index);
      if (worker.state === WorkerState.Ready) seat.worker = worker;
      this.keeper.take(worker, seat);
    }
    this.keeper.steer();
  }

  /** Starts a worker on every seat that has none. */
  fillSeats(): void {
    this.keeper.resume();
    for (const seat of this.keeper.seats.all) if (seat.worker === null && !this.isStopping) this.keeper.occupy(seat);
  }

  /** Tells all workers that another program will supervise them; see Crew. Nothing is started until `fillSeats`. */
  letGo(): Promise<readonly Worker[]> {
    this.keeper.pause();
    return this.keeper.crew.handOver(this.keeper.idleSeconds);
  }

  /**
   * Rolling reload: seat after seat a new worker, and when it is ready the old one drains. The first one is the test:
   * if it can't start, nothing has changed and this rejects. Later ones are retried like any worker that dies.
   * `isProven`: these settings have been served with before. Rules in document roots are read anew.
   */
  async replace(settings: Settings, isProven = false): Promise<readonly EndpointAddresses[]> {
    const { keeper } = this;
    const { seats } = keeper;
    const { segment, sockets, log } = this.options;
    const workers = workerCount(settings);
    const generation = this.generation + 1;
    this.checkRoom(workers);
    const rules = readRules(settings);
    const prepared = await this.prepare(settings, workers, generation);
    const { change } = prepared;
    const what = { settings, rules, generation, workers, endpoints: endpointsAfter(change) };
    const first = seats.all[0]!;
    const spawn = (plan: Plan): WorkerProcess | null => keeper.launch(first, plan, isProven);
    const whyNot = (): string => this.launcher.problem;
    const { successor, plan } = await startFirstSuccessor(what, this.executable, spawn, whyNot, log).catch((error) => {
      prepared.abandon();
      throw error;
    });
    if (this.isStopping) {
      prepared.abandon();
      throw new StartError("the server stops");
    }
    keeper.adopt(plan);
    prepared.adopt();
    const predecessor = keeper.install(successor, first);
    await sockets.lastArrivals();
    if (predecessor !== null) keeper.dismiss(predecessor);
    seats.grow(workers);
    for (const seat of seats.all.slice(1, workers)) await keeper.succeed(seat);
    if (!this.isStopping) {
      segment.workersConfigured = workers;
      // By now the successors of the other workers serve the sockets of removed seats.
      for (const seat of seats.cut(workers)) keeper.vacate(seat);
      keeper.steer();
    }
    sockets.closeLeft();
    return openedBy(change);
  }

  /** All that workers need with these settings, beside what is there; or nothing of it, if something can't be had. */
  private async prepare(settings: Settings, workers: number, since: number): Promise<Prepared> {
    const { sockets, credentials } = this.options;
    const certificates = credentials.prepare(settings);
    try {
      const change = await sockets.prepare(settings, workers, since);
      return {
        change,
        adopt: () => {
          sockets.adopt(change);
          credentials.adopt(certificates);
        },
        abandon: () => {
          sockets.abandon(change);
          credentials.abandon(certificates);
        },
      };
    } catch (error) {
      credentials.abandon(certificates);
      throw error;
    }
  }

  /** Changes the number of workers. Additional ones are started beside the others; for fewer, sockets must change hands. */
  async resize(workers: number): Promise<readonly EndpointAddresses[]> {
    const { seats } = this.keeper;
    const { segment, sockets } = this.options;
    const settings = { ...this.settings, num_workers: workers };
    if (workers <= this.workers) return await this.replace(settings);
    this.checkRoom(workers - this.workers);
    const change = await sockets.prepare(settings, workers, this.generation);
    sockets.adopt(change);
    this.keeper.adopt({ ...this.plan, settings, workers, endpoints: sockets.endpoints });
    segment.workersConfigured = workers;
    seats.grow(workers);
    for (const seat of seats.all) await this.keeper.succeed(seat);
    return openedBy(change);
  }

  /** Throws when the statistics have no slots for so many new workers, because former ones take long to end. */
  checkRoom(workers: number): void {
    const slotsMax = this.options.segment.slots.length - this.keeper.crew.size;
    if (workers <= slotsMax) return;
    throw new StartError(`there is room for ${slotsMax} new workers, not ${workers}: try later, or restart`);
  }

  /** Refuses new clients, lets in those that were connecting, and drains all workers; resolves when the last process is gone. */
  async stop(timeoutSeconds: number): Promise<void> {
    const { sockets } = this.options;
    this.keeper.end(SupervisorState.Stopping);
    this.keeper.firstStart.complete();
    sockets.leave();
    await sockets.lastArrivals();
    const drained = this.keeper.crew.drain(timeoutSeconds);
    sockets.closeLeft(); // the workers have them until they have accepted who waits there
    await drained;
  }

  /** Kills all workers; resolves when the last process is gone. */
  killAll(reason: string): Promise<void> {
    this.keeper.end(SupervisorState.Killing);
    return this.keeper.crew.kill(reason);
  }

  reopenLogs(): void {
    this.keeper.crew.reopenLogs();
  }

  /** Twice a second: kills workers whose event loop has stopped. */
  watchHeartbeats(): void {
    this.keeper.crew.watchHeartbeats();
  }
}
