/**
 * The supervisor: keeps one worker on every seat, whatever happens to them (OTP's rules, one for one).
 *
 * In:    settings, listening sockets, the statistics segment. Told to start, replace (reload) and stop.
 * Out:   running workers; `gaveUp` when they die too often.
 * Keeps: a slot of the statistics file belongs to one process from claim to fold, and is folded once its process is gone.
 *        A worker is drained only after its successor is ready. After `stop` or `killAll` nothing is started any more.
 * Fails: `start` rejects with a StartError when a worker says that it can't start, or ends by itself before it is ready;
 *        `replace` rejects when the first new worker does. A worker that dies otherwise is started again.
 */
import type { Settings } from "../config/settings.ts";
import { HeartbeatWatch } from "../stats/heartbeat.ts";
import type { Segment } from "../stats/segment.ts";
import { describeDeath } from "./death-report.ts";
import { Executable } from "./executable.ts";
import { Launcher, type Log, type Plan } from "./launcher.ts";
import { RestartIntensity } from "./restart-intensity.ts";
import { Seat } from "./seat.ts";
import { isMove, type OpenedAddresses, openedBy, type Sockets } from "./sockets.ts";
import { StartError } from "./start-error.ts";
import { workerCount } from "./worker-count.ts";
import { type Worker, type WorkerProcess, WorkerState } from "./worker-process.ts";

export type SupervisorOptions = {
  readonly settings: Settings;
  readonly sockets: Sockets;
  readonly segment: Segment;
  readonly log: Log;
  readonly version: string;
  /** What workers run, until a reload finds another file at its path. */
  readonly executable: Executable;
};

/** In a reload, idle connections of an old worker get this long to ask once more and hear `Connection: close`. */
const IDLE_SECONDS_MAX = 5;

/**
 * A worker silent for longer than this hangs. It is seen once a second, and so is the last sign of life before: from the
 * hang to its end it takes 3 to 5 s.
 */
const SILENCE_MS_MAX = 3500;

/**
 * For how long clients may come in that were on their way when an address was given up: the kernel hands over one that has
 * not spoken yet after DEFER_ACCEPT_SECONDS.
 */
const LAST_ARRIVALS_MS = 1200;

export class Supervisor {
  /** Resolves with the reason when workers die more often than `max_restarts` allows. Never rejects. */
  readonly gaveUp: Promise<string>;
  private readonly giveUp: (reason: string) => void;
  private readonly launcher: Launcher;
  private readonly heartbeats = new HeartbeatWatch(SILENCE_MS_MAX);
  private readonly intensity: RestartIntensity;
  private readonly processes = new Set<Worker>();
  private seats: Seat[] = [];
  private plan: Plan;
  /** Told to end: nothing is started any more. */
  isStopping = false;
  private isKilling = false;
  private hasStarted = false;
  private readonly allServed = Promise.withResolvers<void>();
  private readonly refused = Promise.withResolvers<never>();

  constructor(private readonly options: SupervisorOptions) {
    const { settings, sockets, executable } = options;
    this.refused.promise.catch(() => {}); // it may come when nobody waits for it any more
    this.launcher = new Launcher(options);
    this.plan = { settings, generation: 0, workers: workerCount(settings), sockets: sockets.groups, executable };
    this.intensity = new RestartIntensity(settings.max_restarts, settings.restart_window_seconds * 1000);
    ({ promise: this.gaveUp, resolve: this.giveUp } = Promise.withResolvers<string>());
  }

  get settings(): Settings {
    return this.plan.settings;
  }

  get workers(): number {
    return this.plan.workers;
  }

  /** Starts all workers; resolves when each seat is served (or `stop` came), rejects when one says that it can't start. */
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

  /**
   * Rolling reload: seat after seat a new worker, and when it is ready the old one drains. The first one is the test:
   * if it can't start, nothing has changed and this rejects. Later ones are tried again like any worker that dies.
   */
  async replace(settings: Settings): Promise<OpenedAddresses> {
    const { segment, sockets } = this.options;
    const workers = workerCount(settings);
    const generation = this.plan.generation + 1;
    const slotsMax = segment.slots.length - this.processes.size;
    if (workers > slotsMax) {
      throw new StartError(`there is room for ${slotsMax} new workers, not ${workers}: try later, or restart`);
    }
    const change = await sockets.prepare(settings, workers, generation);
    const groups = { site: change.site.groups, admin: change.admin.groups };
    const { successor, plan } = await this.firstSuccessor({ settings, generation, workers, sockets: groups }).catch(
      (error) => {
        sockets.abandon(change);
        throw error;
      },
    );
    this.adopt(plan);
    sockets.adopt(change);
    const predecessor = this.handOver(this.seats[0]!, successor);
    if (isMove(change)) await Bun.sleep(LAST_ARRIVALS_MS);
    if (predecessor !== null) this.dismiss(predecessor);
    while (this.seats.length < workers) this.seats.push(new Seat(this.seats.length));
    for (const seat of this.seats.slice(1, workers)) await this.succeed(seat);
    if (!this.isStopping) {
      segment.workersConfigured = workers;
      // The sockets of seats that are no more are served by the successors of the others by now.
      for (const seat of this.seats.splice(workers)) this.vacate(seat);
      this.steer();
    }
    sockets.closeLeft();
    return openedBy(change);
  }

  /** Drains everybody; resolves when the last process is gone. */
  async stop(timeoutSeconds: number): Promise<void> {
    this.prepareEnd();
    this.allServed.resolve();
    for (const worker of this.processes) worker.drain(timeoutSeconds, 0);
    await this.allEnded();
  }

  /** Kills everybody; resolves when the last process is gone. */
  async killAll(reason: string): Promise<void> {
    this.prepareEnd();
    this.isKilling = true;
    for (const worker of this.processes) worker.kill(reason);
    await this.allEnded();
  }

  reopenLogs(): void {
    for (const worker of this.processes) worker.reopenLogs();
  }

  /** Once a second: ends workers whose event loop has stopped. */
  watchHeartbeats(): void {
    const watched = [...this.processes].filter((worker) => worker.state !== WorkerState.Starting);
    const slots = watched.map((worker) => this.options.segment.slot(worker.slot));
    for (const slot of this.heartbeats.staleSlots(slots)) {
      const worker = watched.find((candidate) => candidate.slot === slot.index)!;
      worker.kill(`no heartbeat for ${SILENCE_MS_MAX / 1000} s`);
    }
  }

  /** Puts a new worker of the present plan on the seat, or tries again later. */
  private occupy(seat: Seat): void {
    seat.worker = this.spawn(seat, this.plan);
    if (seat.worker === null) this.restart(seat, 0);
  }

  /** Null when the process can't be started, which is logged, or when all are to end. */
  private spawn(seat: Seat, plan: Plan): WorkerProcess | null {
    const worker = this.isStopping ? null : this.launcher.launch(seat.index, plan);
    if (worker !== null) this.take(worker, seat);
    return worker;
  }

  /** From now on the process is ours to look after. */
  private take(worker: Worker, seat: Seat): void {
    this.processes.add(worker);
    void worker.ready.then(() => this.steer());
    void worker.ended.then(() => this.bury(worker, seat));
  }

  /** A process is gone: log it if nobody asked for it, fold its numbers in, and see to the seat. */
  private bury(worker: Worker, seat: Seat): void {
    const { segment, log } = this.options;
    this.processes.delete(worker);
    segment.markDead(worker.slot);
    const wasAsked = worker.wasTold || this.isStopping;
    const isDeath = !this.isKilling && !(wasAsked && worker.endedWell);
    if (!this.hasStarted && worker.gaveUpStarting) this.refuse(worker);
    else if (isDeath) for (const line of describeDeath(worker, segment)) log.error(line);
    segment.foldSlot(worker.slot);
    if (seat.worker !== worker) return;
    seat.worker = null;
    this.steer();
    if (!this.isStopping) this.restart(seat, worker.servedMs(performance.now()));
  }

  private refuse(worker: Worker): void {
    const reason = worker.fatalMessage || `worker ${worker.index} ended before it was ready (${worker.endReason})`;
    this.prepareEnd();
    this.refused.reject(new StartError(reason));
  }

  /** Counts a death, and fills the seat anew after its wait, unless there were too many. */
  private restart(seat: Seat, servedMs: number): void {
    const delayMs = this.countDeath(seat, servedMs);
    if (delayMs === null) return;
    this.options.log.warn(`worker ${seat.index} is started again ${delayMs === 0 ? "at once" : `in ${delayMs} ms`}`);
    seat.restartIn(delayMs, () => this.occupy(seat));
  }

  /** The wait before the next try; null when it was one death too many. */
  private countDeath(seat: Seat, servedMs: number): number | null {
    if (this.intensity.record(performance.now())) {
      const { max_restarts, restart_window_seconds } = this.plan.settings;
      this.giveUp(`more than ${max_restarts} worker restarts within ${restart_window_seconds} s`);
      return null;
    }
    this.options.segment.noteRestart(seat.index);
    return seat.backoff.nextDelay(servedMs);
  }

  /**
   * The first worker of a new plan, ready: of the executable that is now at its path, and if that can't start, of the present
   * one.
   */
  private async firstSuccessor(what: Omit<Plan, "executable">): Promise<{ successor: WorkerProcess; plan: Plan }> {
    const present = this.plan.executable;
    const newer = this.newerExecutable();
    let reason = "";
    for (const executable of newer === null ? [present] : [newer, present]) {
      const plan = { ...what, executable };
      const successor = this.spawn(this.seats[0]!, plan);
      if (successor !== null && (await becameReady(successor))) return { successor, plan };
      reason = successor?.fatalMessage || successor?.endReason || "it can't be started";
      if (executable !== newer || this.isStopping) continue;
      this.options.log.warn(`workers keep the executable they have: that at ${newer.path} can't start (${reason})`);
      newer.close();
    }
    throw new StartError(`the first new worker ended before it was ready (${reason})`);
  }

  /** Another file than the one workers run; null when it is the same, or none that could be run. */
  private newerExecutable(): Executable | null {
    const present = this.plan.executable;
    try {
      const found = Executable.at(present.path);
      if (!found.isSameFileAs(present)) return found;
      found.close();
    } catch (error) {
      this.options.log.warn(`workers keep the executable they have: ${(error as Error).message}`);
    }
    return null;
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
      const delayMs = this.countDeath(seat, 0);
      if (delayMs === null) return;
      await Bun.sleep(delayMs);
    }
  }

  /** The successor serves. Returns the predecessor, or who took its place meanwhile, to be dismissed. */
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
    this.intensity.restartsMax = plan.settings.max_restarts;
    this.intensity.windowMs = plan.settings.restart_window_seconds * 1000;
  }

  private vacate(seat: Seat): void {
    seat.cancelRestart();
    if (seat.worker !== null) this.dismiss(seat.worker);
    seat.worker = null;
  }

  /** Others serve in its place. */
  private dismiss(worker: Worker): void {
    const { shutdown_timeout_seconds } = this.plan.settings;
    worker.drain(shutdown_timeout_seconds, Math.min(shutdown_timeout_seconds, IDLE_SECONDS_MAX));
  }

  /** Connections go where somebody accepts them; while nobody does, everywhere. */
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

  private async allEnded(): Promise<void> {
    while (this.processes.size > 0) await Promise.all([...this.processes].map((worker) => worker.ended));
  }
}

/** Ready, and not ended meanwhile. */
async function becameReady(worker: Worker): Promise<boolean> {
  return (await worker.ready) && worker.state === WorkerState.Ready;
}
