/**
 * The control socket: a stream socket in the file system that only its owner may connect to (unix(7)), one command per line.
 *
 * In:    a path, and what answers a line.
 * Out:   answers in order, one line each.
 * Units: octets, seconds.
 * Keeps: the socket has mode 0600 from its first moment, and gets its name when it is ready. The socket of a dead master is
 *        replaced; one on which a process answers is left alone, as is every other file. Connections, lines, unread answers
 *        and idle time are bounded; no command is begun before the answer to the last one has been taken.
 * Fails: StartError with one line.
 */
import { lstatSync, renameSync, rmSync } from "node:fs";
import type { Socket, UnixSocketListener } from "bun";
import { SOCKET_PATH_OCTETS_MAX, unfinishedName } from "./control-path.ts";
import { StartError } from "./start-error.ts";

export const CONNECTIONS_MAX = 16;
export const LINE_OCTETS_MAX = 256;
/** What a client may send ahead of the answers. */
const WAITING_OCTETS_MAX = 4096;
const IDLE_SECONDS_MAX = 60;

/** `asker` is the connection's descriptor. */
export type Answer = (line: string, asker: number) => Promise<string>;

/** One connection. */
type Conversation = { input: string; output: Uint8Array; isBusy: boolean; isOver: boolean };

type Client = Socket<Conversation>;

export class ControlSocket {
  private readonly clients = new Set<Client>();

  private constructor(
    readonly path: string,
    private readonly answer: Answer,
  ) {}

  private listener: UnixSocketListener<Conversation> | null = null;
  private inode = 0;

  static async open(path: string, answer: Answer): Promise<ControlSocket> {
    if (Buffer.byteLength(unfinishedName(path)) > SOCKET_PATH_OCTETS_MAX)
      throw new StartError(`control socket ${path}: too long a path`);
    await refuseForeign(path);
    const control = new ControlSocket(path, answer);
    control.listen();
    return control;
  }

  private listen(): void {
    const unfinished = unfinishedName(this.path);
    const mask = process.umask(0o177);
    try {
      rmSync(unfinished, { force: true });
      this.listener = Bun.listen<Conversation>({ unix: unfinished, allowHalfOpen: true, socket: this.handlers() });
      this.inode = lstatSync(unfinished).ino;
      renameSync(unfinished, this.path);
    } catch (error) {
      rmSync(unfinished, { force: true });
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new StartError(`cannot listen on the control socket ${this.path}: ${code}`, { cause: error });
    } finally {
      process.umask(mask);
    }
  }

  /** Removes the name if it is still this socket's; `hangsUp`: disconnects clients, or lets them finish. */
  close(hangsUp = true): void {
    this.listener?.stop(hangsUp);
    const status = lstatSync(this.path, { throwIfNoEntry: false });
    if (status?.ino === this.inode) rmSync(this.path, { force: true });
  }

  private handlers() {
    return {
      open: (client: Client) => {
        client.data = { input: "", output: new Uint8Array(0), isBusy: false, isOver: false };
        this.clients.add(client);
        if (this.clients.size > CONNECTIONS_MAX) return this.hangUp(client, "too many connections");
        client.timeout(IDLE_SECONDS_MAX);
      },
      data: (client: Client, octets: Buffer) => {
        const { data } = client;
        if (data.isOver) return;
        client.timeout(IDLE_SECONDS_MAX);
        data.input += octets.toString("latin1");
        if (data.input.length > WAITING_OCTETS_MAX) return this.hangUp(client, "too much at once");
        this.proceed(client);
      },
      drain: (client: Client) => this.flush(client),
      end: (client: Client) => {
        client.data.isOver = true;
        this.proceed(client);
      },
      timeout: (client: Client) => {
        if (client.data.isBusy) client.timeout(IDLE_SECONDS_MAX);
        else client.terminate();
      },
      close: (client: Client) => void this.clients.delete(client),
      error: () => {},
    };
  }

  /** The next line, if there is one and no other command is in progress. */
  private proceed(client: Client): void {
    const { data } = client;
    if (data.isBusy || data.output.length > 0) return;
    const end = data.input.indexOf("\n");
    if (end > LINE_OCTETS_MAX || (end === -1 && data.input.length > LINE_OCTETS_MAX)) {
      return this.hangUp(client, `a line has at most ${LINE_OCTETS_MAX} octets`);
    }
    if (end === -1) {
      if (data.isOver) client.end();
      return;
    }
    const line = data.input.slice(0, end).replace(/\r$/, "");
    data.input = data.input.slice(end + 1);
    data.isBusy = true;
    void this.answer(line, (client as unknown as { fd: number }).fd).then((answer) => {
      data.isBusy = false;
      data.output = Buffer.from(`${answer}\n`);
      this.flush(client);
    });
  }

  private flush(client: Client): void {
    const { data } = client;
    const written = client.write(data.output);
    if (written < 0) return; // gone
    data.output = data.output.subarray(written);
    if (data.output.length === 0) this.proceed(client);
  }

  private hangUp(client: Client, reason: string): void {
    client.data.isOver = true;
    client.data.input = "";
    client.write(`ERROR ${reason}\n`);
    client.end();
  }
}

/** Throws when there is something at the path that must not be replaced. */
async function refuseForeign(path: string): Promise<void> {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (!status.isSocket())
    throw new StartError(`control socket ${path}: there is a file of another kind; name another path`);
  const client = await Bun.connect({ unix: path, socket: { data() {} } }).catch(() => null);
  if (client === null) return;
  client.terminate();
  throw new StartError(`control socket ${path} belongs to a running program; choose another one`);
}
