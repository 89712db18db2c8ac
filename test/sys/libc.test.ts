import { describe, expect, test } from "bun:test";
import { Errno, errno, libc } from "../../src/sys/libc.ts";
import { runWithoutFfi } from "./child.ts";

const sys = `${import.meta.dir}/../../src/sys`;

describe.skipIf(libc === null)("libc", () => {
  test("errno is that of the call that failed just before", () => {
    expect(libc!.close(-1)).toBe(-1);
    expect(errno()).toBe(Errno.EBADF);
    expect(libc!.socket(2, 77, 0)).toBe(-1);
    expect(errno()).toBe(Errno.EINVAL);
  });
});

test("SAKER_NO_FFI=1 makes libc null, and every call has an answer", async () => {
  const program = `
    import { libc } from "${sys}/libc.ts";
    import { canTransmit, sendFile, sendMore } from "${sys}/transmit.ts";
    import { readAt } from "${sys}/read-file.ts";
    import { dieWithParent, raiseDescriptorLimit } from "${sys}/process.ts";
    import { isPortFree, openListenSocket } from "${sys}/listen-socket.ts";
    import { usableCpus } from "${sys}/cpus.ts";
    const bytes = new Uint8Array(16);
    const file = require("node:fs").openSync("/proc/self/exe", "r");
    const taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    let refused = "";
    try { openListenSocket({ host: "127.0.0.1", port: 0, backlog: 1, sharing: 0 }); } catch (error) { refused = error.code; }
    console.log(JSON.stringify({
      libc, canTransmit, refused,
      send: sendMore(1, bytes, 0, 1), sendFile: sendFile(1, 1, 0, 1),
      read: readAt(file, bytes, 4, 4, 0), elf: bytes[4], readBad: readAt(98765, bytes, 0, 4, 0),
      die: dieWithParent("SIGTERM"),
      limit: raiseDescriptorLimit().soft > 0, cpus: usableCpus() >= 1,
      takenIsFree: isPortFree("127.0.0.1", taken.port),
    }));
    taken.stop(true);`;
  expect(JSON.parse(await runWithoutFfi(program))).toEqual({
    libc: null,
    canTransmit: false,
    refused: "ENOSYS",
    send: -Errno.ENOSYS,
    sendFile: -Errno.ENOSYS,
    read: 4,
    elf: 0x7f,
    readBad: -Errno.EBADF,
    die: false,
    limit: true,
    cpus: true,
    takenIsFree: false,
  });
});
