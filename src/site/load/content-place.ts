/**
 * Where the content of a cached response lies: in memory, written with its head in one call, or in its file, copied into
 * the socket by the kernel (sendfile(2)).
 *
 * Why:   CPU per request of the whole worker, both ways in one run (wrk, 64 connections, loopback, µs): 16 KiB 7.8 and
 *        8.5, 32 KiB 8.4 and 9.0, 64 KiB 12.3 and 13.5, 128 KiB 33 and 23. Memory also keeps a response whole when its
 *        file is rewritten in place.
 */
import { countOpenFiles, keptFilesMax } from "../../cache/open-file.ts";
import { canTransmit } from "../../sys/transmit.ts";

const MEMORY_OCTETS_MAX = 64 * 1024;

/** Whether this many octets are kept in memory; always where there is no sendfile(2), or no descriptor to spare. */
export function isKeptInMemory(octets: number): boolean {
  return octets <= MEMORY_OCTETS_MAX || !canTransmit || countOpenFiles() >= keptFilesMax();
}
