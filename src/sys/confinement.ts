/**
 * What a worker process may still do, or the helper for certificates, as the master tells its first stage on its command line.
 *
 * In:    a `Confinement`. Out: arguments, and the same again from them.
 * Keeps: pure. One argument a path, so that no limit of a single argument is met however many hosts there are.
 */

/** Paths need not exist; those that don't are left out. */
export interface Confinement {
  /** False: only what `cpu` says is done. */
  readonly confines: boolean;
  /** Read, and everything below. */
  readonly read: readonly string[];
  /** Files are written and made, and everything below. */
  readonly write: readonly string[];
  /** Files (no folders) that are read and written. */
  readonly update: readonly string[];
  /** Folders in which everything may be done, and everything below. */
  readonly keep?: readonly string[];
  /** Whether it may connect to others. */
  readonly connects?: boolean;
  /** The CPU to stay on; null = any. */
  readonly cpu: number | null;
}

const KEEP = "--keep=";
const CONNECTS = "--connects";
const CONFINES = "--confine";
const READ = "--read=";
const WRITE = "--write=";
const UPDATE = "--update=";
const CPU = "--cpu=";

export function toArguments({ confines, read, write, update, keep = [], connects, cpu }: Confinement): string[] {
  return [
    ...(confines ? [CONFINES] : []),
    ...read.map((path) => READ + path),
    ...write.map((path) => WRITE + path),
    ...update.map((path) => UPDATE + path),
    ...keep.map((path) => KEEP + path),
    ...(connects === true ? [CONNECTS] : []),
    ...(cpu === null ? [] : [`${CPU}${cpu}`]),
  ];
}

export function fromArguments(words: readonly string[]): Confinement {
  const after = (prefix: string): string[] =>
    words.filter((word) => word.startsWith(prefix)).map((word) => word.slice(prefix.length));
  const cpu = after(CPU).at(-1);
  return {
    confines: words.includes(CONFINES),
    read: after(READ),
    write: after(WRITE),
    update: after(UPDATE),
    ...(after(KEEP).length === 0 ? {} : { keep: after(KEEP) }),
    ...(words.includes(CONNECTS) ? { connects: true } : {}),
    cpu: cpu === undefined ? null : Number(cpu),
  };
}

/** What came of it. */
export interface Enforced {
  readonly noNewPrivileges: boolean;
  /** Version of Landlock that is in force; 0 = none. */
  readonly landlock: number;
  /** Rare system calls are refused. */
  readonly seccomp: boolean;
  /** The CPU it stays on; null = any, or it couldn't be pinned. */
  readonly cpu: number | null;
}

const ENFORCED = "--enforced=";

export function enforcedArgument({ noNewPrivileges, landlock, seccomp, cpu }: Enforced): string {
  return `${ENFORCED}${noNewPrivileges ? 1 : 0},${landlock},${seccomp ? 1 : 0},${cpu ?? ""}`;
}

/** Null when there was no first stage. */
export function enforcedOf(words: readonly string[]): Enforced | null {
  const word = words.find((candidate) => candidate.startsWith(ENFORCED));
  if (word === undefined) return null;
  const [noNewPrivileges, landlock, seccomp, cpu] = word.slice(ENFORCED.length).split(",");
  return {
    noNewPrivileges: noNewPrivileges === "1",
    landlock: Number(landlock),
    seccomp: seccomp === "1",
    cpu: cpu === undefined || cpu === "" ? null : Number(cpu),
  };
}
