/**
 * The supervisor: keeps one worker on every seat, whatever happens to them (OTP's rules, one for one).
 *
 * In:    settings, listening sockets, the statistics segment. Told to start (or to adopt workers), to replace them
 *        (reload), to resize, to release them (upgrade), and to stop.
 * Out:   running workers; `gaveUp` when they die too often.
 * Keeps: a slot of the statistics file belongs to one process from claim to fold, and is folded once its process is gone.
 *        A worker is drained only after its successor is ready. After `stop` or `killAll` nothing is started any more.
 * Fails: `start` rejects with a StartError when a worker reports that it can't start, or exits before it is ready;
 *        `replace` rejects when the first new worker does. A worker that dies otherwise is started again.
 */
import type { Settings } from "../config/settings.ts";
import type { SharedTables } from "../quota/shared-tables.ts";
import type { RuleFilesByRoot } from "../site/rule-files.ts";
import type { Segment } from "../stats/segment.ts";
import { Crew } from "./crew.ts";
import { describeDeath } from "./death-report.ts";
import type { Executable } from "./executable.ts";
import { becameReady, startFirstSuccessor } from "./first-successor.ts";
import { Launcher, type Log, type Plan } from "./launcher.ts";
import { MissingRoots } from "./missing-roots.ts";
import { readRules } from "./read-rules.ts";
import { Restarts } from "./restarts.ts";
import { Seat } from "./seat.ts";
import { type OpenedAddresses, openedBy, type Sockets } from "./sockets.ts";
import { StartAttempts, Verdict } from "./start-attempts.ts";
import { StartError } from "./start-error.ts";
import { workerCount } from "./worker-count.ts";
import { NO_SLOT, type Worker, type WorkerProcess, WorkerState } from "./worker-process.ts";

export type SupervisorOptions = {
  readonly settings: Settings;
  readonly sockets: Sockets;
  readonly segment: Segment;
  readonly tables: SharedTables;
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

/** In a reload, idle connections of an old worker get this long for one more request, answered with `Connection: close`. */
const IDLE_SECONDS_MAX = 5;

export class Supervisor {
  private readonly launcher: Launcher;
  private readonly restarts: Restarts;
  /** Document roots that weren't there when workers started. */
  readonly missing: MissingRoots;
  private readonly crew: Crew;
  private seats: Seat[] = [];
  private plan: Plan;
  /** Told to stop: nothing new is started. */
  isStopping = false;
  private isKilling = false;
  /** Another program is about to supervise: nothing is started meanwhile. */
  private isFrozen = false;
  private hasStarted = false;
  private readonly attempts = new StartAttempts(performance.now());
  private readonly allServed = Promise.withResolvers<void>();
  private readonly refused = Promise.withResolvers<never>();

  constructor(private readonly options: SupervisorOptions) {
    const { settings, sockets, executable, generation } = options;
    this.refused.promise.catch(() => {}); // it may come when nothing waits for it any more
    this.launcher = new Launcher(options);
    this.crew = new Crew(options.segment);
    this.missing = new MissingRoots(options.log);
    const rules = options.rules ?? readRules(settings);
    this.plan = { settings, rules, generation, workers: workerCount(settings), sockets: sockets.groups, executable };
    this.restarts = new Restarts(settings, options.segment);
  }

  /** Resolves with the reason when workers die more often than `max_restarts` allows. Never rejects. */
  get gaveUp(): Promise<string> {
    return this.restarts.gaveUp;
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

  /** All running workers, including those that are ending. */
  get running(): readonly Worker[] {
    return this.crew.all;
  }

  /**
   * Starts all workers; resolves when each seat is served (or `stop` was called, or some seats can't be served for now), rejects when a
   * worker reports that it can't start, or none does.
   */
  async start(): Promise<void> {
    if (this.isStopping) return;
    this.seats = Array.from({ length: this.plan.workers }, (_, index) => new Seat(index));
    for (const seat of this.seats) this.occupy(seat);
    try {
      await Promise.race([this.allServed.promise, this.refused.promise]);
    } finally {
      this.hasStarted = true;
    }
  }

  /** Instead of `start`: adopts workers that run already. Empty seats are filled by `replace` or `fillSeats`. */
  inherit(workers: readonly Worker[]): void {
    this.hasStarted = true;
    this.seats = Array.from({ length: this.plan.workers }, (_, index) => new Seat(index));
    for (const worker of workers.toSorted((a, b) => a.generation - b.generation)) {
      const seat = this.seats[worker.index] ?? new Seat(worker.index);
      if (worker.state === WorkerState.Ready) seat.worker = worker;
      this.take(worker, seat);
    }
    this.steer();
  }

  /** Starts a worker on every seat that has none. */
  fillSeats(): void {
    this.isFrozen = false;
    for (const seat of this.seats) if (seat.worker === null && !this.isStopping) this.occupy(seat);
  }

  /** Tells all workers that another program will supervise them; see Crew. Nothing is started until `fillSeats`. */
  letGo(): Promise<readonly Worker[]> {
    this.isFrozen = true;
    for (const seat of this.seats) seat.cancelRestart();
    return this.crew.handOver(this.idleSeconds);
  }

  /**
   * Rolling reload: seat after seat a new worker, and when it is ready the old one drains. The first one is the test:
   * if it can't start, nothing has changed and this rejects. Later ones are retried like any worker that dies.
   * `isProven`: these settings have been served with before. Rules in document roots are read anew.
   */
  async replace(settings: Settings, isProven = false): Promise<OpenedAddresses> {
    const { segment, sockets, log } = this.options;
    const workers = workerCount(settings);
    const generation = this.plan.generation + 1;
    this.checkRoom(workers);
    const rules = readRules(settings);
    const change = await sockets.prepare(settings, workers, generation);
    const groups = { site: change.site.groups, admin: change.admin.groups };
    const what = { settings, rules, generation, workers, sockets: groups };
    const first = this.seats[0]!;
    const spawn = (plan: Plan): WorkerProcess | null => this.spawn(first, plan, isProven);
    const whyNot = (): string => this.launcher.problem;
    const { executable } = this.plan;
    const { successor, plan } = await startFirstSuccessor(what, executable, spawn, whyNot, log).catch((error) => {
      sockets.abandon(change);
      throw error;
    });
    if (this.isStopping) {
      sockets.abandon(change);
      throw new StartError("the server stops");
    }
    this.adopt(plan);
    sockets.adopt(change);
    const predecessor = this.handOver(first, successor);
    await sockets.lastArrivals();
    if (predecessor !== null) this.dismiss(predecessor);
    while (this.seats.length < workers) this.seats.push(new Seat(this.seats.length));
    for (const seat of this.seats.slice(1, workers)) await this.succeed(seat);
    if (!this.isStopping) {
      segment.workersConfigured = workers;
      // By now the successors of the other workers serve the sockets of removed seats.
      for (const seat of this.seats.splice(workers)) this.vacate(seat);
      this.steer();
    }
    sockets.closeLeft();
    return openedBy(change);
  }

  /** Changes the number of workers. Additional ones are started beside the others; for fewer, sockets must change hands. */
  async resize(workers: number): Promise<OpenedAddresses> {
    const { segment, sockets } = this.options;
    const settings = { ...this.plan.settings, num_workers: workers };
    if (workers <= this.plan.workers) return await this.replace(settings);
    this.checkRoom(workers - this.plan.workers);
    const change = await sockets.prepare(settings, workers, this.plan.generation);
    sockets.adopt(change);
    this.plan = { ...this.plan, settings, workers, sockets: sockets.groups };
    segment.workersConfigured = workers;
    while (this.seats.length < workers) this.seats.push(new Seat(this.seats.length));
    for (const seat of this.seats) await this.succeed(seat);
    return openedBy(change);
  }

  /** Throws when the statistics have no slots for so many new workers, because former ones take long to end. */
  checkRoom(workers: number): void {
    const slotsMax = this.options.segment.slots.length - this.crew.size;
    if (workers <= slotsMax) return;
    throw new StartError(`there is room for ${slotsMax} new workers, not ${workers}: try later, or restart`);
  }

  /** Refuses new clients, lets in those that were connecting, and drains all workers; resolves when the last process is gone. */
  async stop(timeoutSeconds: number): Promise<void> {
    const { sockets } = this.options;
    this.prepareEnd();
    this.allServed.resolve();
    sockets.leave();
    await sockets.lastArrivals();
    const drained = this.crew.drain(timeoutSeconds);
    sockets.closeLeft(); // the workers have them until they have accepted who waits there
    await drained;
  }

  /** Kills all workers; resolves when the last process is gone. */
  killAll(reason: string): Promise<void> {
    this.prepareEnd();
    this.isKilling = true;
    return this.crew.kill(reason);
  }

  reopenLogs(): void {
    this.crew.reopenLogs();
  }

  /** Twice a second: kills workers whose event loop has stopped. */
  watchHeartbeats(): void {
    this.crew.watchHeartbeats();
  }

  /** Puts a new worker of the present plan on the seat, or tries again later. */
  private occupy(seat: Seat): void {
    seat.worker = this.spawn(seat, this.plan);
    if (seat.worker !== null || this.isStopping || this.isFrozen) return;
    if (!this.isHopeless(`worker ${seat.index} can't be started: ${this.launcher.problem}`)) this.restart(seat, 0);
  }

  /** Null when the process can't be started, which is logged, or when all are to end. */
  private spawn(seat: Seat, plan: Plan, isSuccessor = this.hasStarted): WorkerProcess | null {
    const worker = this.isStopping || this.isFrozen ? null : this.launcher.launch(seat.index, plan, isSuccessor);
    if (worker !== null) this.take(worker, seat);
    return worker;
  }

  /** From now on this supervisor looks after the process. */
  private take(worker: Worker, seat: Seat): void {
    this.crew.add(worker);
    void worker.ready.then((isReady) => {
      if (isReady) this.attempts.noteServed();
      this.steer();
      this.missing.note(worker);
    });
    void worker.leaving.then(() => this.replaceLeaving(worker, seat));
    void worker.ended.then(() => this.bury(worker, seat));
  }

  /** Another process has told the worker to end (kill, a low-memory guard): new connections go to another one. */
  private replaceLeaving(worker: Worker, seat: Seat): void {
    if (this.isStopping || worker.wasTold) return;
    this.options.log.warn(`worker ${worker.index} (pid ${worker.pid}) got SIGTERM, and finishes what is in flight`);
    this.dismiss(worker);
    if (seat.worker !== worker) return;
    seat.worker = null;
    this.steer();
    if (!this.isFrozen) this.restart(seat, worker.servedMs(performance.now()));
  }

  /** A process is gone: log it if that was unexpected, fold its numbers in, and refill the seat. */
  private bury(worker: Worker, seat: Seat): void {
    const { segment, log } = this.options;
    if (worker.slot !== NO_SLOT) segment.markDead(worker.slot);
    const wasAsked = worker.wasTold || this.isStopping;
    // The test of a new plan failed: whoever asked for that plan is told why.
    const isRefusal = worker.generation > this.plan.generation && worker.fatalMessage !== "";
    const isDeath = !this.isKilling && !isRefusal && !(wasAsked && worker.endedWell);
    if (!this.hasStarted && worker.gaveUpStarting) this.refuse(worker.fatalMessage || endBeforeReady(worker));
    else if (isDeath) for (const line of describeDeath(worker, segment)) log.error(line);
    if (worker.slot !== NO_SLOT) segment.foldSlot(worker.slot);
    if (seat.worker !== worker) return;
    seat.worker = null;
    this.steer();
    if (this.isStopping || this.isFrozen || this.isHopeless(endBeforeReady(worker))) return;
    this.restart(seat, worker.servedMs(performance.now()));
  }

  /**
   * Counts a failure of the start, of which `problem` tells; true when it is over because no worker serves. It is over, too, where only
   * some do.
   */
  private isHopeless(problem: string): boolean {
    const verdict = this.hasStarted ? Verdict.TryAgain : this.attempts.failed(performance.now());
    if (verdict === Verdict.ServeWithout) this.allServed.resolve();
    if (verdict !== Verdict.GiveUp) return false;
    this.refuse(problem);
    return true;
  }

  private refuse(reason: string): void {
    this.prepareEnd();
    this.refused.reject(new StartError(reason));
  }

  /** Counts a death, and fills the seat anew after its wait, unless there were too many. */
  private restart(seat: Seat, servedMs: number): void {
    const delayMs = this.restarts.count(seat, servedMs);
    if (delayMs === null) return;
    this.options.log.warn(`worker ${seat.index} is started again ${delayMs === 0 ? "at once" : `in ${delayMs} ms`}`);
    seat.restartIn(delayMs, () => this.occupy(seat));
  }

  /** Tries until the seat has a worker of the present plan. */
  private async succeed(seat: Seat): Promise<void> {
    const plan = this.plan;
    while (!this.isStopping && seat.worker?.generation !== plan.generation) {
      const successor = this.spawn(seat, plan);
      if (successor !== null && (await becameReady(successor))) {
        const predecessor = this.handOver(seat, successor);
        if (predecessor !== null) this.dismiss(predecessor);
        return;
      }
      const delayMs = this.restarts.count(seat, 0);
      if (delayMs === null) return;
      await Bun.sleep(delayMs);
    }
  }

  /** The successor serves. Returns the predecessor, or the worker that replaced it meanwhile, to be drained. */
  private handOver(seat: Seat, successor: Worker): Worker | null {
    const predecessor = seat.worker;
    seat.cancelRestart();
    seat.worker = successor;
    this.steer();
    return predecessor;
  }

  private adopt(plan: Plan): void {
    if (plan.executable !== this.plan.executable) this.plan.executable.close();
    this.plan = plan;
    this.restarts.adapt(plan.settings);
  }

  private vacate(seat: Seat): void {
    seat.cancelRestart();
    if (seat.worker !== null) this.dismiss(seat.worker);
    seat.worker = null;
  }

  /** Others serve in its place. */
  private dismiss(worker: Worker): void {
    worker.drain(this.plan.settings.shutdown_timeout_seconds, this.idleSeconds);
  }

  /** How long workers that are replaced may keep idle connections. */
  private get idleSeconds(): number {
    return Math.min(this.plan.settings.shutdown_timeout_seconds, IDLE_SECONDS_MAX);
  }

  /** Connections go to sockets whose worker accepts; while none does, to all. */
  private steer(): void {
    if (this.isStopping) return;
    const served = this.seats.filter((seat) => seat.isServed);
    this.options.sockets.steer(served.map(({ index, worker }) => ({ index, generation: worker!.generation })));
    if (served.length === this.seats.length) this.allServed.resolve();
  }

  private prepareEnd(): void {
    this.isStopping = true;
    for (const seat of this.seats) seat.cancelRestart();
  }
}

function endBeforeReady({ index, endReason }: Worker): string {
  return `worker ${index} ended before it was ready (${endReason})`;
}
