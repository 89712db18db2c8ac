/**
 * What a supervisor is about, and every step it may take.
 *
 *   Serving ◄─► LettingGo       Serving     every seat is to have a worker: who dies is replaced
 *      │            │           LettingGo   another program is about to supervise: nothing is started meanwhile
 *      ├────────────┤
 *      ▼            ▼
 *   Stopping ──► Killing        Stopping    the workers are to end (or the first ones can't start): nothing is started any more
 *                               Killing     they are being killed, so nobody wonders how they end
 *
 * Keeps: states stand in the order of life; only from LettingGo is there a way back.
 */

export enum SupervisorState {
  Serving,
  LettingGo,
  Stopping,
  Killing,
}

/** The legal steps from each state. Any other step is a bug. */
export const SUPERVISOR_NEXT: Readonly<Record<SupervisorState, readonly SupervisorState[]>> = {
  [SupervisorState.Serving]: [SupervisorState.LettingGo, SupervisorState.Stopping, SupervisorState.Killing],
  [SupervisorState.LettingGo]: [SupervisorState.Serving, SupervisorState.Stopping, SupervisorState.Killing],
  [SupervisorState.Stopping]: [SupervisorState.Killing],
  [SupervisorState.Killing]: [],
};
