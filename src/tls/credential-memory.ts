/**
 * The memory that holds what was read of certificates, keys and authorities: a file without a name, which the master writes and
 * workers inherit as a descriptor. No private key lies anywhere else, but in the files it came from.
 *
 *     0        the head: which version is valid, and where its image lies
 *     4096 …   images: an index (JSON), and the texts that it refers to
 *
 * In:    pieces: texts under an identifier, with what is to be known of them without reading them.
 * Out:   for readers: the pieces of the last version, and their texts.
 * Keeps: an image is written where the valid one isn't, and the head last. So a reader finds one version or the other. It reads
 *        texts when it needs them, perhaps of an image that has been written over, so each piece has a digest.
 *        Reading takes the descriptor and no rights: it works in a confined worker of another user.
 * Fails: exceptions of node:fs. A reader that finds nothing whole keeps what it knew, and tries again when asked to.
 */
import { createHash } from "node:crypto";
import { ftruncateSync, readSync, writeSync } from "node:fs";

const MAGIC = 0x5341_4b43;
/** Raised when readers of before would misunderstand an image. */
const FORMAT = 1;

const IMAGES_START = 4096;

/** What is published. */
export interface Piece<Facts> {
  readonly id: string;
  readonly facts: Facts;
  readonly texts: readonly string[];
}

/** What a reader knows of a piece before it reads its texts. */
export interface PieceEntry<Facts> {
  readonly id: string;
  readonly facts: Facts;
  /** The same for the same texts, in every version. */
  readonly digest: string;
  /** Octets of each text. */
  readonly octets: readonly number[];
  /** Where the first one lies, behind the index. */
  readonly offset: number;
}

/** The master's side: it alone writes. */
export class CredentialMemoryWriter<Facts> {
  private head: Head;

  /** `fd`: a new file, or one that the previous program in this process has written. */
  constructor(readonly fd: number) {
    this.head = readHead(fd) ?? { version: 0, start: IMAGES_START, indexOctets: 0, end: IMAGES_START, indexCrc: 0 };
  }

  get version(): number {
    return this.head.version;
  }

  /** Replaces everything. */
  publish(pieces: readonly Piece<Facts>[]): void {
    const texts: Buffer[] = [];
    let offset = 0;
    const entries = pieces.map(({ id, facts, texts: own }): PieceEntry<Facts> => {
      const octets = own.map((text) => Buffer.from(text));
      const entry = { id, facts, digest: digestOf(octets), octets: octets.map(({ length }) => length), offset };
      texts.push(...octets);
      offset += sum(entry.octets);
      return entry;
    });
    const index = Buffer.from(JSON.stringify(entries));
    const image = Buffer.concat([index, ...texts]);
    const before = this.head;
    const start = IMAGES_START + image.length <= before.start ? IMAGES_START : before.end;
    writeAll(this.fd, image, start);
    const indexCrc = Bun.hash.crc32(index);
    this.head = { version: before.version + 1, start, indexOctets: index.length, end: start + image.length, indexCrc };
    writeAll(this.fd, encodeHead(this.head), 0);
    if (start === IMAGES_START) ftruncateSync(this.fd, this.head.end);
  }
}

/** Looks at a memory that is being written over; a version lasts a quarter of a second, a look takes microseconds. */
const ATTEMPTS_MAX = 20;

/** A worker's side. */
export class CredentialMemoryReader<Facts> {
  private head: Head | null = null;
  private byId: ReadonlyMap<string, PieceEntry<Facts>> = new Map();

  constructor(private readonly fd: number) {
    // A head that is being written just now is whole in a moment; where there is nothing, this costs a few reads.
    for (let attempt = 0; attempt < ATTEMPTS_MAX && !this.refresh(); attempt++);
  }

  /** That of `pieces`; 0 before there are any. */
  get version(): number {
    return this.head?.version ?? 0;
  }

  /** By identifier. */
  get pieces(): ReadonlyMap<string, PieceEntry<Facts>> {
    return this.byId;
  }

  /** Takes note of another version, if there is one. Costs one read of 64 octets if not. */
  refresh(): boolean {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const head = readHead(this.fd);
      if (head === null) continue;
      if (head.version === this.version) return false;
      const index = readAt(this.fd, head.start, head.indexOctets);
      // Otherwise it was written over meanwhile, and a newer one is valid: a worker that starts mustn't be without any.
      if (index !== null && Bun.hash.crc32(index) === head.indexCrc) return this.take(head, index);
    }
    return false;
  }

  private take(head: Head, index: Buffer): true {
    const entries = JSON.parse(index.toString()) as PieceEntry<Facts>[];
    this.byId = new Map(entries.map((entry) => [entry.id, entry]));
    this.head = head;
    return true;
  }

  /** A piece's texts; null if they have been written over: then there is another version. */
  read({ offset, octets, digest }: PieceEntry<Facts>): string[] | null {
    const { start, indexOctets } = this.head!;
    const whole = readAt(this.fd, start + indexOctets + offset, sum(octets));
    if (whole === null) return null;
    let at = 0;
    const texts = octets.map((length) => whole.subarray(at, (at += length)));
    return digestOf(texts) === digest ? texts.map((text) => text.toString()) : null;
  }
}

/** Which version is valid, and where it lies. */
interface Head {
  readonly version: number;
  /** Of the image, and of its index. */
  readonly start: number;
  readonly indexOctets: number;
  readonly end: number;
  readonly indexCrc: number;
}

/** Doubles, which hold every offset: magic, format, then the members of Head, and the CRC of all these. */
const HEAD_CELLS = 8;

function encodeHead({ version, start, indexOctets, end, indexCrc }: Head): Buffer {
  const cells = new Float64Array(HEAD_CELLS);
  cells.set([MAGIC, FORMAT, version, start, indexOctets, end, indexCrc]);
  cells[HEAD_CELLS - 1] = crcOf(cells);
  return Buffer.from(cells.buffer);
}

/** Null: nothing has been published, or in another format, or it is being written at this moment. */
function readHead(fd: number): Head | null {
  const octets = readAt(fd, 0, HEAD_CELLS * Float64Array.BYTES_PER_ELEMENT);
  if (octets === null) return null;
  const cells = new Float64Array(octets.buffer, octets.byteOffset, HEAD_CELLS);
  const [magic, format, version, start, indexOctets, end, indexCrc, crc] = cells;
  if (magic !== MAGIC || format !== FORMAT || crc !== crcOf(cells)) return null;
  return { version: version!, start: start!, indexOctets: indexOctets!, end: end!, indexCrc: indexCrc! };
}

function crcOf(cells: Float64Array): number {
  return Bun.hash.crc32(
    new Uint8Array(cells.buffer, cells.byteOffset, (HEAD_CELLS - 1) * Float64Array.BYTES_PER_ELEMENT),
  );
}

function digestOf(texts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(text);
  return hash.digest("base64");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** That many octets, or null where there are fewer. */
function readAt(fd: number, position: number, length: number): Buffer | null {
  const octets = Buffer.allocUnsafeSlow(length);
  for (let read = 0; read < length;) {
    const more = readSync(fd, octets, read, length - read, position + read);
    if (more === 0) return null;
    read += more;
  }
  return octets;
}

function writeAll(fd: number, octets: Uint8Array, position: number): void {
  for (let written = 0; written < octets.length;) {
    written += writeSync(fd, octets, written, octets.length - written, position + written);
  }
}
