/**
 * Signals of the master: SIGTERM and SIGINT stop, SIGHUP reloads, SIGUSR1 logs statistics, SIGUSR2 reopens logs,
 * SIGURG upgrades (harmless for a process that doesn't handle it: the kernel ignores it by default).
 *
 * Keeps: from `watchSignals` on no signal ends the process; those that come before `deliver` are kept in order, so that
 *        a server told to stop while it starts does stop.
 */

export type SignalHandlers = {
  stop(): void;
  /** A second SIGTERM or SIGINT: at once. */
  stopNow(): void;
  reload(): void;
  logStatistics(): void;
  reopenLogs(): void;
  upgrade(): void;
};

export type SignalWatch = Disposable & {
  /** From now on, and for signals that came before. */
  deliver(handlers: SignalHandlers): void;
};

const ACTIONS = {
  SIGTERM: "stop",
  SIGINT: "stop",
  SIGHUP: "reload",
  SIGUSR1: "logStatistics",
  SIGUSR2: "reopenLogs",
  SIGURG: "upgrade",
} as const;

export const MASTER_SIGNALS = Object.keys(ACTIONS) as (keyof typeof ACTIONS)[];

/** Takes over the signals of this process. */
export function watchSignals(source: NodeJS.EventEmitter = process): SignalWatch {
  let handlers: SignalHandlers | null = null;
  let stops = 0;
  const waiting: (keyof typeof ACTIONS)[] = [];

  const act = (signal: keyof typeof ACTIONS): void => {
    if (handlers === null) return void waiting.push(signal);
    const action = ACTIONS[signal];
    if (action !== "stop") handlers[action]();
    else if (stops++ === 0) handlers.stop();
    else handlers.stopNow();
  };

  const listeners = MASTER_SIGNALS.map((signal) => {
    const listener = (): void => act(signal);
    source.on(signal, listener);
    return { signal, listener };
  });

  return {
    deliver(given) {
      handlers = given;
      waiting.splice(0).forEach(act);
    },
    [Symbol.dispose]() {
      for (const { signal, listener } of listeners) source.off(signal, listener);
    },
  };
}
