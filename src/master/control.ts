/**
 * The control socket of a running master: opened as the settings say, at another place after a reload.
 *
 * Keeps: a socket that was not asked for by name is no reason not to serve: the log says that there is none. After a reload one
 *        that can't be opened leaves the old one as it is.
 */
import type { Settings } from "../config/settings.ts";
import { answerLine, type ControlActions } from "./control-commands.ts";
import { controlPath } from "./control-path.ts";
import { ControlSocket } from "./control-socket.ts";
import type { Log } from "./launcher.ts";
import { OneAtATime } from "./one-at-a-time.ts";

export class Control {
  private socket: ControlSocket | null = null;
  private readonly turns = new OneAtATime();

  constructor(
    private readonly actions: ControlActions,
    private readonly statsPath: string,
    private readonly log: Log,
  ) {}

  /** At the start: throws a StartError when a socket that the settings name can't be had. */
  async open(settings: Settings): Promise<void> {
    const path = controlPath(settings, this.statsPath);
    if (path === null) return;
    try {
      this.socket = await this.listenAt(path);
    } catch (error) {
      if (settings.control.socket !== null) throw error;
      this.log.warn(`no control socket: ${(error as Error).message}`);
    }
  }

  /** After a reload. */
  adapt(settings: Settings): Promise<void> {
    return this.turns.run(() => this.move(settings));
  }

  private async move(settings: Settings): Promise<void> {
    const path = controlPath(settings, this.statsPath);
    if (path === (this.socket?.path ?? null)) return;
    try {
      const next = path === null ? null : await this.listenAt(path);
      this.socket?.close(false); // who asked for the reload hears of it
      this.socket = next;
    } catch (error) {
      this.log.error((error as Error).message);
    }
  }

  close(): void {
    this.socket?.close();
    this.socket = null;
  }

  private listenAt(path: string): Promise<ControlSocket> {
    return ControlSocket.open(path, (line, asker) => answerLine(line, this.actions, asker));
  }
}
