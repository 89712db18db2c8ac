/**
 * The master's side of the tables: files beside the statistics, or memory without a name where there is no file or no room for one.
 *
 * In:    what the settings want, before each worker is started.
 * Out:   the tables that workers have to inherit, because no path leads to them.
 * Keeps: one that fits stays, with its contents, over reloads and upgrades; another one takes its place while draining
 *        workers keep the former.
 * Fails: `provide` throws when neither can be made.
 */
import { closeSync } from "node:fs";
import { isAnonymous, pathOfDescriptor } from "../sys/anonymous-memory.ts";
import { createAnonymousTable, provideTable, readShape, type TableWish } from "./table-file.ts";

/** Descriptors of anonymous tables, by the suffix of their kind. */
export type AnonymousTables = Readonly<Record<string, number>>;

export class SharedTables {
  private readonly fds: Map<string, number>;

  /** `statsPath` may be anonymous itself; `inherited`: those that the previous program in this process made. */
  constructor(
    private readonly statsPath: string,
    inherited: AnonymousTables = {},
  ) {
    this.fds = new Map(Object.entries(inherited));
  }

  get anonymous(): AnonymousTables {
    return Object.fromEntries(this.fds);
  }

  /** Makes the table, unless there is one that fits. */
  provide(wish: TableWish): void {
    const { suffix } = wish.kind;
    const fd = this.fds.get(suffix);
    if (fd === undefined && this.provideFile(wish)) return;
    if (fd !== undefined && this.isFitting(fd, wish)) return;
    this.fds.set(suffix, createAnonymousTable(wish).fd);
    if (fd !== undefined) closeSync(fd);
  }

  /** False: there is no room for a file, or no place. */
  private provideFile(wish: TableWish): boolean {
    if (isAnonymous(this.statsPath)) return false;
    try {
      provideTable(this.statsPath, wish);
      return true;
    } catch {
      return false; // memory without a name will do; if not even that can be had, its failure is the one to report
    }
  }

  private isFitting(fd: number, { kind, fits }: TableWish): boolean {
    const present = readShape(this.statsPath, kind, pathOfDescriptor(fd));
    return present !== null && fits(present);
  }
}
