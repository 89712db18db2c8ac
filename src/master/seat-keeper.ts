/**
 * Keeps one worker on every seat, whatever happens to them (OTP's rules, one for one). The supervisor says what is to be.
 *
 * In:    seats to fill, workers to look after, a plan. Told when nothing is to be started, for a while or for ever.
 * Out:   running workers; `restarts.gaveUp` when they die too often, `firstStart` for what becomes of the first ones.
 * Keeps: a slot of the statistics file belongs to one process from claim to fold, and is folded once its process is gone.
 *        A worker is dismissed only when its successor is ready, or when it is leaving anyway.
 */
import type { Segment } from "../stats/segment.ts";
import { Crew } from "./crew.ts";
import { describeDeath, endBeforeReady } from "./death-report.ts";
import { FirstStart } from "./first-start.ts";
import { becameReady } from "./first-successor.ts";
import type { Launcher, Log, Plan } from "./launcher.ts";
import { MissingRoots } from "./missing-roots.ts";
import { Restarts } from "./restarts.ts";
import type { Seat } from "./seat.ts";
import { Seats } from "./seats.ts";
import type { Sockets } from "./sockets.ts";
import { StartAttempts, Verdict } from "./start-attempts.ts";
import { SUPERVISOR_NEXT, SupervisorState } from "./supervisor-state.ts";
import { NO_SLOT, type Worker } from "./worker.ts";
import type { WorkerProcess } from "./worker-process.ts";

export type SeatKeeperOptions = { readonly sockets: Sockets; readonly segment: Segment; readonly log: Log };

/** In a reload, idle connections of an old worker get this long for one more request, answered with `Connection: close`. */
const IDLE_SECONDS_MAX = 5;

export class SeatKeeper {
  readonly seats = new Seats();
  /** All processes, also those that have no seat any more. */
  readonly crew: Crew;
  readonly restarts: Restarts;
  readonly firstStart = new FirstStart();
  /** Document roots that weren't there when workers started. */
  readonly missing: MissingRoots;
  private state = SupervisorState.Serving;

  constructor(
    private readonly options: SeatKeeperOptions,
    private readonly launcher: Pick<Launcher, "launch" | "problem">,
    private present: Plan,
  ) {
    const { segment, log } = options;
    this.crew = new Crew(segment);
    this.missing = new MissingRoots(log);
    this.restarts = new Restarts(present.settings, segment);
  }

  /** What workers are started with. */
  get plan(): Plan {
    return this.present;
  }

  /** From now on workers are started with this plan. */
  adopt(plan: Plan): void {
    if (plan.executable !== this.present.executable) this.present.executable.close();
    this.present = plan;
    this.restarts.adapt(plan.settings);
  }

  /** Nothing will be started any more. */
  get isStopping(): boolean {
    return this.state >= SupervisorState.Stopping;
  }

  private get mayLaunch(): boolean {
    return this.state === SupervisorState.Serving;
  }

  /** Another program is about to look after the workers: nothing is started until `resume`. */
  pause(): void {
    if (this.state === SupervisorState.Serving) this.enter(SupervisorState.LettingGo);
    this.seats.cancelRestarts();
  }

  /** It didn't come to that. */
  resume(): void {
    if (this.state === SupervisorState.LettingGo) this.enter(SupervisorState.Serving);
  }

  /** Nothing is started any more. To stop while all are being killed changes nothing. */
  end(how: SupervisorState.Stopping | SupervisorState.Killing): void {
    if (this.state < how) this.enter(how);
    this.seats.cancelRestarts();
  }

  /** Puts a new worker of the present plan on the seat, or tries again later. */
  occupy(seat: Seat): void {
    seat.cancelRestart(); // which would put a second one there
    seat.worker = this.launch(seat, this.plan);
    if (seat.worker !== null || !this.mayLaunch) return;
    this.retry(seat, 0, `worker ${seat.index} can't be started: ${this.launcher.problem}`);
  }

  /** A worker that has no seat yet; null when the process can't be started, which is logged, or when nothing may be. */
  launch(seat: Seat, plan: Plan, isSuccessor = this.firstStart.isOver): WorkerProcess | null {
    const worker = this.mayLaunch ? this.launcher.launch(seat.index, plan, isSuccessor) : null;
    if (worker !== null) this.take(worker, seat);
    return worker;
  }

  /** From now on this object looks after the process. */
  take(worker: Worker, seat: Seat): void {
    this.crew.add(worker);
    void worker.ready.then((isReady) => {
      if (isReady) this.firstStart.noteServed();
      this.steer();
      this.missing.note(worker);
    });
    void worker.leaving.then(() => this.replaceLeaving(worker, seat));
    void worker.ended.then(() => this.bury(worker, seat));
  }

  /** Tries until the seat has a worker of the present plan, as often as it may be tried while others wait for it. */
  async succeed(seat: Seat): Promise<void> {
    const { plan } = this;
    const attempts = new StartAttempts(performance.now());
    attempts.noteServed(); // a first worker of the plan serves
    while (!this.isStopping && seat.worker?.generation !== plan.generation) {
      const successor = this.launch(seat, plan);
      if (successor !== null && (await becameReady(successor))) {
        const predecessor = this.install(successor, seat);
        if (predecessor !== null) this.dismiss(predecessor);
        return;
      }
      const delayMs = this.restarts.count(seat, 0);
      if (delayMs === null) return;
      const reason = successor === null ? this.launcher.problem : endBeforeReady(successor);
      if (attempts.failed(performance.now()) !== Verdict.TryAgain) return this.goOnWithout(seat, reason);
      await Bun.sleep(delayMs);
    }
  }

  /** No successor can be started now: who serves on the seat goes on, and an empty one is filled when that is possible. */
  private goOnWithout(seat: Seat, reason: string): void {
    if (this.isStopping) return;
    if (seat.worker === null) return this.occupy(seat);
    const { index, pid } = seat.worker;
    const remedy = "reload to try again";
    this.options.log.warn(
      `worker ${index} (pid ${pid}) goes on as before: no successor can start (${reason}); ${remedy}`,
    );
  }

  /** The successor serves. Returns the predecessor, or the worker that replaced it meanwhile, to be dismissed. */
  install(successor: Worker, seat: Seat): Worker | null {
    const predecessor = seat.worker;
    seat.cancelRestart();
    seat.worker = successor;
    this.steer();
    return predecessor;
  }

  vacate(seat: Seat): void {
    seat.cancelRestart();
    if (seat.worker !== null) this.dismiss(seat.worker);
    seat.worker = null;
  }

  /** Others serve in its place. */
  dismiss(worker: Worker): void {
    worker.drain(this.plan.settings.shutdown_timeout_seconds, this.idleSeconds);
  }

  /** How long workers that are replaced may keep idle connections. */
  get idleSeconds(): number {
    return Math.min(this.plan.settings.shutdown_timeout_seconds, IDLE_SECONDS_MAX);
  }

  /** Connections go to sockets whose worker accepts; while none does, to all. */
  steer(): void {
    if (this.isStopping) return;
    this.options.sockets.steer(this.seats.served);
    if (this.seats.areAllServed) this.firstStart.complete();
  }

  /** Another process has told the worker to end (kill, a low-memory guard): new connections go to another one. */
  private replaceLeaving(worker: Worker, seat: Seat): void {
    if (this.isStopping || worker.wasTold) return;
    this.options.log.warn(`worker ${worker.index} (pid ${worker.pid}) got SIGTERM, and finishes what is in flight`);
    this.dismiss(worker);
    if (seat.worker !== worker) return;
    seat.worker = null;
    this.steer();
    if (this.mayLaunch) this.restart(seat, worker.servedMs(performance.now()));
  }

  /** A process is gone: log it if that was unexpected, fold its numbers in, and refill the seat. */
  private bury(worker: Worker, seat: Seat): void {
    const { segment, log } = this.options;
    if (worker.slot !== NO_SLOT) segment.markDead(worker.slot);
    if (!this.firstStart.isOver && worker.gaveUpStarting) this.refuse(worker.fatalMessage || endBeforeReady(worker));
    else if (this.isDeath(worker)) for (const line of describeDeath(worker, segment)) log.error(line);
    if (worker.slot !== NO_SLOT) segment.foldSlot(worker.slot);
    if (seat.worker !== worker) return;
    seat.worker = null;
    this.steer();
    if (this.mayLaunch) this.retry(seat, worker.servedMs(performance.now()), endBeforeReady(worker));
  }

  /** Whether the end of this process was unexpected. */
  private isDeath(worker: Worker): boolean {
    const wasAsked = worker.wasTold || this.isStopping;
    // The test of a new plan failed: whoever asked for that plan is told why.
    const isRefusal = worker.generation > this.plan.generation && worker.fatalMessage !== "";
    return this.state !== SupervisorState.Killing && !isRefusal && !(wasAsked && worker.endedWell);
  }

  /** The first workers can't start. */
  private refuse(reason: string): void {
    this.end(SupervisorState.Stopping);
    this.firstStart.refuse(reason);
  }

  /** Fills the seat anew, unless the failure that `problem` tells of ends the start. */
  private retry(seat: Seat, servedMs: number, problem: string): void {
    if (this.firstStart.failed(problem)) this.end(SupervisorState.Stopping);
    else this.restart(seat, servedMs);
  }

  /** Counts a death, and fills the seat anew after its wait, unless there were too many. */
  private restart(seat: Seat, servedMs: number): void {
    const delayMs = this.restarts.count(seat, servedMs);
    if (delayMs === null) return;
    this.options.log.warn(`worker ${seat.index} is started again ${delayMs === 0 ? "at once" : `in ${delayMs} ms`}`);
    seat.restartIn(delayMs, () => this.occupy(seat));
  }

  private enter(next: SupervisorState): void {
    if (!SUPERVISOR_NEXT[this.state].includes(next)) {
      throw new Error(`supervisor: no way from ${SupervisorState[this.state]} to ${SupervisorState[next]}`);
    }
    this.state = next;
  }
}
