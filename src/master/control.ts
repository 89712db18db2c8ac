/**
 * The control socket of a running master: opened as the settings say, at another place after a reload.
 *
 * Keeps: failing to open a socket that wasn't configured by name doesn't stop the server: the log says that there is none. If a
 *        new socket can't be opened after a reload, the old one stays.
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

  /** At the start: throws a StartError when a socket named in the settings can't be opened. */
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
      this.socket?.close(false); // but the client that asked for the reload gets its answer
      this.socket = next;
    } catch (error) {
      // The start has said that there is none.
      if (this.socket === null && settings.control.socket === null) return;
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
