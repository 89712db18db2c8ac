/** The order in which waiting connections make room, held against a plain array. */
import { expect, test } from "bun:test";
import { type Waiter, WaitingList } from "../../src/socket/waiting-list.ts";
import { WheelSecond } from "../../src/units.ts";

const at = (second: number) => WheelSecond(second);

class Client implements Waiter {
  waitingList: WaitingList | null = null;
  waitingSince = at(0);
  waitingNext: Waiter | null = null;
  waitingPrevious: Waiter | null = null;
  constructor(readonly name: number) {}
  giveWay(): void {}
}

function names(list: WaitingList): number[] {
  const found: number[] = [];
  for (let waiter = list.oldest; waiter !== null; waiter = waiter.waitingNext) found.push((waiter as Client).name);
  return found;
}

const clients = (count: number) => Array.from({ length: count }, (_, name) => new Client(name));

test("the one that began to wait first is the oldest", () => {
  const list = new WaitingList();
  for (const client of clients(3)) list.add(client, at(0));
  expect(names(list)).toEqual([0, 1, 2]);
});

test("one that waits again in a later second goes to the end; in the same second it keeps its place", () => {
  const list = new WaitingList();
  const [a, b] = clients(2) as [Client, Client];
  list.add(a, at(0));
  list.add(b, at(0));
  list.add(a, at(0));
  expect(names(list)).toEqual([0, 1]);
  list.add(a, at(1));
  expect(names(list)).toEqual([1, 0]);
});

test("a member of another list changes lists, also within one second", () => {
  const [silent, keptAlive] = [new WaitingList(), new WaitingList()];
  const [a] = clients(1) as [Client];
  silent.add(a, at(4));
  keptAlive.add(a, at(4));
  expect([names(silent), names(keptAlive)]).toEqual([[], [0]]);
  expect(a.waitingList).toBe(keptAlive);
});

test("agrees with an array over random steps", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  let state = seed;
  const random = (below: number) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % below;
  const list = new WaitingList();
  const all = clients(20);
  let model: { name: number; second: number }[] = [];
  for (let second = 0; second < 2000; second++) {
    for (let step = random(4); step > 0; step--) {
      const client = all[random(all.length)]!;
      const member = model.find(({ name }) => name === client.name);
      if (random(3) === 0 && member !== undefined) {
        list.remove(client);
        model = model.filter((one) => one !== member);
      } else {
        list.add(client, at(second));
        if (member?.second !== second) {
          model = [...model.filter((one) => one !== member), { name: client.name, second }];
        }
      }
    }
    expect(names(list), `seed ${seed}, second ${second}`).toEqual(model.map(({ name }) => name));
  }
});
