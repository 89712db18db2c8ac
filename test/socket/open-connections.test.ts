import { expect, test } from "bun:test";
import { OpenConnections } from "../../src/socket/open-connections.ts";
import { randomFrom } from "../stats/temporary-segment.ts";

class Member {
  place = -1;
  constructor(readonly name: number) {}
}

test("agrees with a Set, whatever comes and goes", () => {
  const random = randomFrom(3);
  const members = Array.from({ length: 50 }, (_, name) => new Member(name));
  const open = new OpenConnections<Member>();
  const model = new Set<Member>();
  for (let step = 0; step < 5000; step++) {
    const member = members[Math.floor(random() * members.length)]!;
    if (model.has(member) || random() < 0.1) {
      open.delete(member);
      model.delete(member);
    } else {
      open.add(member);
      model.add(member);
    }
    const seen = new Set<Member>();
    open.forEach((one) => void seen.add(one));
    expect(open.size).toBe(model.size);
    expect(seen.size).toBe(model.size);
    expect(seen.isSubsetOf(model)).toBe(true);
  }
});

test("a visit may delete the one it is given, and all are visited", () => {
  const members = Array.from({ length: 20 }, (_, name) => new Member(name));
  const open = new OpenConnections<Member>();
  for (const member of members) open.add(member);
  const seen: number[] = [];
  open.forEach((member) => {
    seen.push(member.name);
    if (member.name % 3 === 0) open.delete(member);
  });
  expect(seen.sort((a, b) => a - b)).toEqual(members.map(({ name }) => name));
  expect(open.size).toBe(13);
});
