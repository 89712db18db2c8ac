/**
 * Long work in short turns, so that a worker goes on answering others meanwhile.
 *
 * In:    how many steps there are, how many of them make a turn, what a step does.
 * Out:   `done` is called once, behind the last step; at once where one turn does it all.
 */

export function inTurns(count: number, perTurn: number, step: (index: number) => void, done: () => void): void {
  let next = 0;
  const turn = (): void => {
    const end = Math.min(next + perTurn, count);
    for (; next < end; next++) step(next);
    if (next < count) setImmediate(turn);
    else done();
  };
  turn();
}
