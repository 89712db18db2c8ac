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
    import { closeOnExec, dieWithParent, raiseDescriptorLimit, setProcessTitle } from "${sys}/process.ts";
    import { openPath, openRoot, closeDescriptor } from "${sys}/open-file.ts";
    import { isPortFree, openListenSocket } from "${sys}/listen-socket.ts";
    import { usableCpus } from "${sys}/cpus.ts";
    const bytes = new Uint8Array(16);
    const path = new TextEncoder().encode("/proc/self/exe\\0");
    const file = openPath(path);
    const taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    let refused = "";
    try { openListenSocket({ host: "127.0.0.1", port: 0, backlog: 1, sharing: 0 }); } catch (error) { refused = error.code; }
    console.log(JSON.stringify({
      libc, canTransmit, refused,
      send: sendMore(1, bytes, 0, 1), sendFile: sendFile(1, 1, 0, 1),
      read: readAt(file, bytes, 4, 4, 0), elf: bytes[4], readBad: readAt(98765, bytes, 0, 4, 0),
      missing: openPath(new TextEncoder().encode("/nowhere\\0")), root: openRoot(path),
      close: closeDescriptor(file), die: dieWithParent("SIGTERM"), title: setProcessTitle("x"), closeOnExec: closeOnExec(0, true),
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
    missing: -Errno.ENOENT,
    root: -Errno.ENOSYS,
    close: 0,
    die: false,
    title: false,
    closeOnExec: false,
    limit: true,
    cpus: true,
    takenIsFree: false,
  });
});
