/**
 * Reading a directory for its listing, off the event loop.
 *
 *   1 names    all of them, from the descriptor that was verified (open-below.ts), as octets (name-octets.ts)
 *   2 choose   what may be shown, and of that the first in order of name
 *   3 status   size and time of each, through symbolic links as the policy allows
 *
 * In:    an open directory, what may be shown. Out: a `Listing`, or `-errno`.
 * Keeps: shows nothing that a request would not get: no hidden name, no link that leads where the policy forbids or to
 *        nothing, no device, FIFO or socket, no file that is never sent (withheld-files.ts). However large the
 *        directory is, not more than ENTRIES_MAX entries are asked for and kept, and names are looked at in short
 *        turns. All names are in memory for as long as that takes (about 300 octets each).
 */
import { type Dirent, existsSync, lstat, readdir, realpath, type Stats } from "node:fs";
import { errnoOfException } from "../../sys/errno.ts";
import { isBelow } from "../../sys/path-status.ts";
import { mediaTypeOf } from "../media-type.ts";
import { nodePathOf, textOfOctets } from "../name-octets.ts";
import { type DocumentRoot, joinRoot, realPathOf, type SymlinkPolicy } from "../load/open-below.ts";
import { FirstEntries } from "./choose-entries.ts";
import { compareEntries, type ListedEntry, type Listing, type NamedEntry, referenceTo } from "./listing.ts";
import { naturalKey } from "./natural-order.ts";
import { inTurns } from "./turns.ts";

/** Entries of one listing: a page of 2.5 MB, and as much as people scroll through. */
const ENTRIES_MAX = 10_000;

/** Names looked at in one turn of the event loop; about a millisecond. */
const NAMES_PER_TURN = 1000;

/** Status calls of one listing under way at a time; Bun's pool has as many threads as there are cores. */
const STATUS_CALLS_MAX = 16;

export interface ListingPolicy {
  readonly root: DocumentRoot;
  readonly followSymlinks: SymlinkPolicy;
  /** Whether names that begin with a dot are shown. */
  readonly dotfiles: boolean;
  /** Media types by extension that the settings give. */
  readonly mediaTypes?: Readonly<Record<string, string>>;
  /** Whether a path below the root may be shown; for rules that deny some. */
  readonly isShown?: (filePath: string, isDirectory: boolean) => boolean;
  /** Instead of ENTRIES_MAX. */
  readonly entriesMax?: number;
}

/** An entry that its name alone doesn't rule out. */
interface Candidate extends NamedEntry {
  readonly isLink: boolean;
}

const canReadThroughDescriptor = existsSync("/proc/self/fd");

/** Reads the directory that is open as `fd` and lies at `filePath`. The descriptor stays open. Calls back once. */
export function readDirectory(
  fd: number,
  filePath: string,
  policy: ListingPolicy,
  done: (listingOrFailure: Listing | number) => void,
): void {
  // By way of the descriptor, so that a directory swapped for a link since it was verified is not followed.
  const path = joinRoot(policy.root, filePath);
  const folder = canReadThroughDescriptor ? `/proc/self/fd/${fd}` : path;
  // Octets as ISO 8859-1: of names as buffers Bun doesn't tell the types.
  readdir(folder, { withFileTypes: true, encoding: "latin1" }, (error, entries) => {
    if (error !== null) return done(errnoOfException(error));
    new DirectoryReading(folder, realPathOf(fd, path) ?? path, filePath, policy, done).choose(entries);
  });
}

class DirectoryReading {
  private readonly first: FirstEntries<Candidate>;
  private readonly entries: ListedEntry[] = [];
  private readonly prefix: string;

  /** `place`: where the folder really lies. */
  constructor(
    private readonly folder: string,
    private readonly place: string,
    filePath: string,
    private readonly policy: ListingPolicy,
    private readonly done: (listing: Listing) => void,
  ) {
    this.first = new FirstEntries(policy.entriesMax ?? ENTRIES_MAX);
    this.prefix = filePath === "/" ? "/" : `${filePath}/`;
  }

  choose(names: readonly Dirent[]): void {
    const consider = (index: number): void => {
      const candidate = this.candidateOf(names[index]!);
      if (candidate !== null) this.first.add(candidate);
    };
    inTurns(names.length, NAMES_PER_TURN, consider, () => this.askForAll(this.first.take()));
  }

  private candidateOf(found: Dirent): Candidate | null {
    const name = textOfOctets(Buffer.from(found.name, "latin1"));
    const isLink = found.isSymbolicLink();
    const isDirectory = found.isDirectory();
    const { dotfiles, followSymlinks } = this.policy;
    if (!dotfiles && name.startsWith(".")) return null;
    if (isLink ? followSymlinks === "never" : isSpecial(found)) return null;
    if (!isLink && !this.mayShow(name, isDirectory)) return null;
    return { name, key: naturalKey(name), isDirectory, isLink };
  }

  private mayShow(name: string, isDirectory: boolean): boolean {
    const { isShown } = this.policy;
    return isShown === undefined || isShown(this.prefix + name, isDirectory);
  }

  private askForAll(candidates: readonly Candidate[]): void {
    let next = 0;
    let pending = candidates.length;
    if (pending === 0) return this.finish(0);
    const askForNext = (): void => {
      const candidate = candidates[next++];
      if (candidate === undefined) return;
      this.askFor(candidate, (status) => {
        this.take(candidate, status);
        pending--;
        if (pending === 0) this.finish(candidates.length);
        else askForNext();
      });
    };
    for (let call = 0; call < STATUS_CALLS_MAX; call++) askForNext();
  }

  /** The status of what a request for this entry would open; null where it would open nothing. */
  private askFor({ name, isLink }: Candidate, answer: (status: Stats | null) => void): void {
    const path = nodePathOf(`${this.folder}/${name}`);
    const { followSymlinks, root } = this.policy;
    const look = (at: string | Buffer, place: string): void =>
      lstat(at, (error, status) => answer(error === null && !this.isWithheld(place, status) ? status : null));
    if (!isLink) return look(path, `${this.place}/${name}`);
    realpath(path, "buffer", (error, realPath) => {
      if (error !== null) return answer(null);
      const place = textOfOctets(realPath);
      if (followSymlinks !== "always" && !isBelow(root.path, place)) return answer(null);
      look(realPath, place);
    });
  }

  private isWithheld(place: string, status: Stats): boolean {
    const { withheld } = this.policy.root;
    return withheld !== null && status.isFile() && withheld.find(place, status) !== null;
  }

  private take({ name, key, isLink }: Candidate, status: Stats | null): void {
    if (status === null) return; // gone since, a link that leads nowhere, or a file that is never sent
    const leadsToDirectory = status.isDirectory();
    if (!leadsToDirectory && !status.isFile()) return;
    if (isLink && !this.mayShow(name, leadsToDirectory)) return;
    this.entries.push({
      name,
      key,
      isDirectory: leadsToDirectory,
      size: leadsToDirectory ? -1 : status.size,
      modifiedMs: status.mtimeMs,
      contentType: leadsToDirectory ? "" : mediaTypeOf(name, this.policy.mediaTypes),
      reference: referenceTo(name, leadsToDirectory),
    });
  }

  private finish(asked: number): void {
    const { entries, first } = this;
    entries.sort(compareEntries);
    this.done({ entries, total: first.total - (asked - entries.length) });
  }
}

/** A file system that doesn't tell the type leaves it to the status. */
function isSpecial(found: Dirent): boolean {
  return found.isFIFO() || found.isSocket() || found.isCharacterDevice() || found.isBlockDevice();
}
