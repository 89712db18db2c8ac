/**
 * A server that does nothing but handshakes, with contexts as a worker has them: it says "hello" to whom it lets in.
 *
 * Out:   what openssl says of it, and the certificate that a name gets.
 */
import { connect } from "node:tls";
import type { HostContexts } from "../../../src/tls/host-contexts.ts";

type Handlers = Record<string, unknown>;

interface Secured {
  setVerifyMode(asks: boolean, refuses: boolean): void;
  write(text: string): void;
}

export class TlsServer implements AsyncDisposable {
  readonly port: number;
  private readonly listener;

  /** `folder`: where openssl is run. */
  constructor(
    private readonly contexts: HostContexts,
    private readonly folder = "/tmp",
  ) {
    const taken = new WeakSet<object>();
    const handlers: Handlers = {
      open() {},
      close() {},
      error() {},
      drain() {},
      serverName: (_: unknown, name: string, socket: Secured) => {
        const { native, policy } = this.contexts.contextFor(name);
        if (policy !== "off") socket.setVerifyMode(true, policy === "required");
        return native;
      },
      handshake: (socket: Secured, isGood: boolean) => void (isGood && socket.write("hello\n")),
      data: (socket: { shutdown(): void }) => socket.shutdown(),
    };
    this.listener = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      allowHalfOpen: true,
      socket: {
        data: (socket, octets) => {
          if (taken.has(socket)) return;
          taken.add(socket);
          const tls = { secureContext: this.contexts.contextFor(null).native };
          // Not in its types: isServer, initialData, secureContext.
          (socket as unknown as { upgradeTLS(options: object): void }).upgradeTLS({
            isServer: true,
            initialData: octets,
            data: {},
            tls,
            socket: handlers,
          });
        },
        close() {},
        error() {},
      },
    });
    this.port = this.listener.port;
  }

  /** Output of `openssl s_client`, which sends a line when it has got one, and ends when it is let go. */
  async openssl(args: string): Promise<string> {
    const client = Bun.spawn(
      ["openssl", "s_client", "-connect", `127.0.0.1:${this.port}`, ...args.split(" ").filter((arg) => arg !== "")],
      { cwd: this.folder, stdin: "pipe", stdout: "pipe", stderr: "pipe" },
    );
    let said = "";
    let isAnswered = false;
    const hear = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
      for await (const octets of stream) {
        said += Buffer.from(octets).toString("latin1");
        if (!said.includes("hello") || isAnswered) continue;
        isAnswered = true;
        client.stdin.write("bye\n");
        client.stdin.end();
      }
    };
    await Promise.all([hear(client.stdout), hear(client.stderr), client.exited]);
    return said;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.listener.stop(true);
  }
}

/** The certificate that a client gets for a name, or for none. */
export function servedBy(server: TlsServer, name: string | null): Promise<{ fingerprint: string }> {
  return new Promise((resolve, reject) => {
    const options = { port: server.port, host: "127.0.0.1", rejectUnauthorized: false };
    const socket = connect({ ...options, ...(name === null ? {} : { servername: name }) }, () => {
      resolve({ fingerprint: socket.getPeerCertificate().fingerprint256 });
      socket.destroy();
    });
    socket.on("error", (error: unknown) => reject(error as Error));
  });
}
