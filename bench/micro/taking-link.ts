/** A link that takes whatever it is given, and counts it: for benches of everything in front of the kernel. */
import type { Link } from "../../src/socket/link.ts";

export class TakingLink implements Link {
  octetsTaken = 0;
  readonly remoteAddress = "127.0.0.1";
  readonly localPort = 8080;
  readonly isSecure = false;
  readonly takesFiles = false;

  write(_octets: Buffer, _start: number, count: number): number {
    this.octetsTaken += count;
    return count;
  }

  writeAhead(octets: Buffer, start: number, count: number): number {
    return this.write(octets, start, count);
  }

  writeFile(): number {
    throw new Error("this link takes no files");
  }

  pause(): void {}
  resume(): void {}
  shutdown(): void {}
  close(): void {}
  terminate(): void {}

  acknowledgedOctets(): number {
    return this.octetsTaken;
  }

  unacknowledgedOctets(): number {
    return 0;
  }

  hasQueuedOctets(): boolean {
    return false;
  }

  retransmittedSegments(): number {
    return 0;
  }
}
