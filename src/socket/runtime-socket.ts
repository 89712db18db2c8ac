/**
 * A socket of the runtime's event loop, with what it has besides what its types say.
 *
 *   fd           its descriptor
 *   close        close(2), without a shutdown(2) before it
 *   upgradeTLS   as a server's, with octets that have been read already, and contexts made beforehand
 */
import type { Socket, SocketHandler } from "bun";

export type RuntimeSocket = Socket<unknown> & {
  readonly fd: number;
  close(): void;
};

/** With `Bun.connect` and `Bun.listen` this is a client's, and takes files of certificates. */
export interface UpgradableSocket {
  upgradeTLS<Data>(options: {
    readonly isServer: true;
    /** What has been read already, of which nothing was answered. */
    readonly initialData: Buffer;
    /** The new socket's. */
    readonly data: Data;
    readonly tls: TlsOptions;
    readonly socket: TlsHandlers<Data>;
  }): unknown;
}

export interface TlsOptions {
  /** `tls.createSecureContext(…).context` */
  readonly secureContext: unknown;
  /** In the form of RFC 7301 §3.1, those preferred first. */
  readonly ALPNProtocols: Buffer;
  /** Whether clients are asked for a certificate, and whether those without a good one are refused. */
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
}

/** A socket that speaks TLS. */
export type TlsSocket<Data> = Socket<Data> & {
  readonly fd: number;
  /** What the client named in its hello, as it was sent; false: nothing. */
  getServername(): string | false;
  /** In the handler `serverName`, what TlsOptions says of certificates. */
  setVerifyMode(requestCert: boolean, rejectUnauthorized: boolean): void;
  isSessionReused(): boolean;
};

export type TlsHandlers<Data> = Omit<SocketHandler<Data, "buffer">, "open" | "handshake"> & {
  /** The socket is there; its handshake has yet to come. */
  open(socket: TlsSocket<Data>): void;
  /** The client names who it wants to speak with: the context for that name. Not called if it doesn't. */
  serverName(data: Data, name: string, socket: TlsSocket<Data>): unknown;
  /** The handshake is done, or has failed. With `isDone`, `error` is about the client's certificate. */
  handshake(socket: TlsSocket<Data>, isDone: boolean, error: Error | null): void;
};
