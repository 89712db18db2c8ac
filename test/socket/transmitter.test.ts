import { describe, expect, test } from "bun:test";
import { Errno } from "../../src/sys/errno.ts";
import { REFUSED, Transmitter } from "../../src/socket/transmitter.ts";
import { Octets, Offset } from "../../src/units.ts";

const OCTETS = new Uint8Array(10);

/** Calls that give the answers of a list, the last one again and again. */
function scripted(...answers: number[]) {
  let made = 0;
  const warnings: string[] = [];
  const answer = (): number => answers[Math.min(made++, answers.length - 1)]!;
  const calls = { sendMore: answer, sendFile: answer };
  const transmitter = new Transmitter((message) => warnings.push(message), calls, true);
  return { transmitter, warnings, made: () => made };
}

const REFUSALS = [
  Errno.ENOSYS,
  Errno.EPERM,
  Errno.EACCES,
  Errno.EOPNOTSUPP,
  Errno.EINVAL,
  Errno.ENOMEM,
  Errno.ESPIPE,
  524,
];
const CLIENTS_OWN = [Errno.EPIPE, Errno.ECONNRESET, Errno.ETIMEDOUT, Errno.ENOTCONN, Errno.EAGAIN, Errno.EIO];

describe("sendFile", () => {
  test.each(REFUSALS)("errno %p is a refusal", (errno) => {
    expect(scripted(-errno).transmitter.sendFile(1, 2, Offset(0), Octets(10))).toBe(REFUSED);
  });

  test.each(CLIENTS_OWN)("errno %p is the client's or the file's, and is passed on", (errno) => {
    const { transmitter, warnings } = scripted(-errno);
    expect(transmitter.sendFile(1, 2, Offset(0), Octets(10))).toBe(-errno);
    expect(transmitter.copiesFiles).toBe(true);
    expect(warnings).toEqual([]);
  });

  test.each([Errno.ENOSYS, Errno.EPERM])("errno %p: not tried again, said once", (errno) => {
    const { transmitter, warnings, made } = scripted(-errno);
    for (let file = 0; file < 3; file++) expect(transmitter.sendFile(1, 2, Offset(0), Octets(10))).toBe(REFUSED);
    expect(made()).toBe(1);
    expect(transmitter.copiesFiles).toBe(false);
    const name = Errno[errno];
    expect(warnings).toEqual([`sendfile(2) is refused here (${name}): files are read and written instead`]);
  });

  test("a file system that can't is no matter of others, and said once", () => {
    const { transmitter, warnings } = scripted(-Errno.EOPNOTSUPP, -Errno.EOPNOTSUPP, 10);
    expect([1, 2, 3].map((fd) => transmitter.sendFile(1, fd, Offset(0), Octets(10)))).toEqual([REFUSED, REFUSED, 10]);
    expect(warnings).toHaveLength(1);
  });

  test("EINVAL is how a file system says so by the book: nothing to report", () => {
    const { transmitter, warnings } = scripted(-Errno.EINVAL, 10);
    expect([1, 2].map((fd) => transmitter.sendFile(1, fd, Offset(0), Octets(10)))).toEqual([REFUSED, 10]);
    expect(warnings).toEqual([]);
  });
});

describe("sendAhead", () => {
  test.each(REFUSALS)("errno %p is a refusal, not tried again, said once", (errno) => {
    const { transmitter, warnings, made } = scripted(-errno);
    expect(transmitter.sendAhead(1, OCTETS, 0, 10)).toBe(REFUSED);
    expect(transmitter.sendAhead(1, OCTETS, 0, 10)).toBe(REFUSED);
    expect(made()).toBe(1);
    expect(warnings).toHaveLength(1);
    expect(transmitter.copiesFiles).toBe(true);
  });

  test("what it takes, and that the client is gone, is passed on", () => {
    expect(scripted(7).transmitter.sendAhead(1, OCTETS, 0, 10)).toBe(7);
    expect(scripted(-Errno.EPIPE).transmitter.sendAhead(1, OCTETS, 0, 10)).toBe(-Errno.EPIPE);
  });
});

test("where there is no library to call, nothing is called", () => {
  const never = (): number => expect.unreachable();
  const transmitter = new Transmitter(() => {}, { sendMore: never, sendFile: never }, false);
  expect(transmitter.sendFile(1, 2, Offset(0), Octets(10))).toBe(REFUSED);
  expect(transmitter.sendAhead(1, OCTETS, 0, 10)).toBe(REFUSED);
});
