/**
 * Listening TCP sockets as plain descriptors, to be inherited by worker processes (socket(7), ip(7), ipv6(7)).
 *
 * In:    an IP address as text ("0.0.0.0", "::1", "fe80::1%eth0"; the caller resolves names), a port (0 = any), backlog.
 * Out:   the descriptor, close-on-exec and non-blocking, and the port it got. Bun.spawn's `stdio` hands it to a child.
 * Fails: `SystemError` (EADDRINUSE, EACCES, EADDRNOTAVAIL, EAFNOSUPPORT …; ENOSYS without FFI). Nothing stays open then.
 * Keeps: "::" is dual-stack (IPV6_V6ONLY off), every other IPv6 address is IPv6 only.
 */
import { isIP } from "node:net";
import { ptr } from "bun:ffi";
import { Errno, SystemError } from "./errno.ts";
import { errno, libc, type Libc } from "./libc.ts";

/**
 * How a socket shares its port.
 * - Exclusive: no other socket may have it.
 * - Claim: it must be free of any other socket now, and from then on sockets of `Share` may join: binding happens
 *   before SO_REUSEPORT is set, so of two servers started at once exactly one gets the port.
 * - Share: SO_REUSEPORT before binding; joins the sockets that have it (same user, also SO_REUSEPORT).
 */
export enum PortSharing {
  Exclusive,
  Claim,
  Share,
}

/**
 * A connection is handed over with its first octets, as a client of HTTP speaks first: that saves a worker one round of
 * its event loop per connection, a quarter of what a connection costs. One that stays silent comes after this time.
 */
export const DEFER_ACCEPT_SECONDS = 1;

export type ListenSocketOptions = {
  host: string;
  port: number;
  /** Connections the kernel holds until they are accepted; it caps this at net.core.somaxconn. */
  backlog: number;
  sharing: PortSharing;
};

export type ListenSocket = { fd: number; port: number; family: 4 | 6 };

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_REUSEPORT = 15;
const IPPROTO_TCP = 6;
const TCP_DEFER_ACCEPT = 9;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;

const SOCKADDR_IN_OCTETS = 16;
const SOCKADDR_IN6_OCTETS = 28;
/** Both: family u16 at 0 (host order), port u16 at 2 (network order). */
const PORT_OFFSET = 2;
const IN_ADDRESS_OFFSET = 4;
const IN6_ADDRESS_OFFSET = 8;
const IN6_SCOPE_OFFSET = 24;

/** Opens, binds and listens. See `PortSharing` for which other sockets may use the port. */
export function openListenSocket(options: ListenSocketOptions): ListenSocket {
  const c = requireLibc("socket");
  const bound = bindSocket(c, options.host, options.port, options.sharing !== PortSharing.Share ? 0 : SO_REUSEPORT);
  try {
    if (options.sharing === PortSharing.Claim) setOption(c, bound.fd, SOL_SOCKET, SO_REUSEPORT, 1);
    setOption(c, bound.fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, DEFER_ACCEPT_SECONDS);
    check("listen", c.listen(bound.fd, options.backlog));
  } catch (error) {
    c.close(bound.fd);
    throw error;
  }
  return bound;
}

/**
 * Whether no process listens on this address and port, not even a server that shares it through SO_REUSEPORT; with
 * `isOneFamily` "::" is every IPv6 address alone (not without FFI). Throws `SystemError` for what isn't about being in
 * use (no such address, no right to the port). Port 0 is always free.
 */
export function isPortFree(host: string, port: number, isOneFamily = false): boolean {
  if (port === 0) return true;
  if (libc === null) return isPortFreeForBun(host, port);
  try {
    libc.close(bindSocket(libc, host, port, 0, isOneFamily).fd);
    return true;
  } catch (error) {
    if (error instanceof SystemError && error.errno === Errno.EADDRINUSE) return false;
    throw error;
  }
}

/** Whether "::" can be listened on: not where the kernel was started without IPv6. It costs a socket. */
export function hasIpv6(): boolean {
  try {
    if (libc !== null) libc.close(bindSocket(libc, "::", 0, 0).fd);
    else Bun.listen({ hostname: "::", port: 0, socket: { data() {} } }).stop(true);
    return true;
  } catch {
    return false;
  }
}

/** Closes a descriptor made here. Connections waiting in its backlog are reset by the kernel. */
export function closeListenSocket(fd: number): void {
  check("close", requireLibc("close").close(fd));
}

function bindSocket(
  c: Libc,
  host: string,
  port: number,
  portOption: 0 | typeof SO_REUSEPORT,
  isOneFamily = host !== "::",
): ListenSocket {
  const address = encodeSocketAddress(c, host, port);
  const family = address.byteLength === SOCKADDR_IN6_OCTETS ? 6 : 4;
  const fd = check(
    "socket",
    c.socket(family === 6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
  );
  try {
    setOption(c, fd, SOL_SOCKET, SO_REUSEADDR, 1); // a restart must not wait for connections in TIME_WAIT
    if (portOption !== 0) setOption(c, fd, SOL_SOCKET, portOption, 1);
    if (family === 6) setOption(c, fd, IPPROTO_IPV6, IPV6_V6ONLY, isOneFamily ? 1 : 0);
    check("bind", c.bind(fd, ptr(address), address.byteLength), `${host} port ${port}`);
    return { fd, port: boundPort(c, fd), family };
  } catch (error) {
    c.close(fd);
    throw error;
  }
}

/** struct sockaddr_in or sockaddr_in6 (man 7 ip, man 7 ipv6). */
function encodeSocketAddress(c: Libc, host: string, port: number): Uint8Array {
  const scopeStart = host.indexOf("%");
  const addressText = scopeStart === -1 ? host : host.slice(0, scopeStart);
  const version = isIP(addressText);
  if (version === 0) throw new SystemError("inet_pton", Errno.EINVAL, `"${host}" is not an IP address`);

  const address = new Uint8Array(version === 6 ? SOCKADDR_IN6_OCTETS : SOCKADDR_IN_OCTETS);
  const view = new DataView(address.buffer);
  const family = version === 6 ? AF_INET6 : AF_INET;
  view.setUint16(0, family, true);
  view.setUint16(PORT_OFFSET, port, false);
  const text = cString(addressText);
  const target = ptr(address, version === 6 ? IN6_ADDRESS_OFFSET : IN_ADDRESS_OFFSET);
  if (c.inet_pton(family, ptr(text), target) !== 1) throw new SystemError("inet_pton", Errno.EINVAL, host);
  if (version === 6 && scopeStart !== -1) view.setUint32(IN6_SCOPE_OFFSET, scopeIndex(c, host, scopeStart), true);
  return address;
}

/** The interface index after "%" in a link-local address: a number, or an interface's name (RFC 4007 §11). */
function scopeIndex(c: Libc, host: string, scopeStart: number): number {
  const scope = host.slice(scopeStart + 1);
  if (/^\d+$/.test(scope)) return Number(scope);
  const name = cString(scope);
  const index = c.if_nametoindex(ptr(name));
  if (index === 0) throw new SystemError("if_nametoindex", Errno.ENODEV, `no network interface "${scope}"`);
  return index;
}

function boundPort(c: Libc, fd: number): number {
  const address = new Uint8Array(SOCKADDR_IN6_OCTETS);
  const length = new Uint32Array([SOCKADDR_IN6_OCTETS]);
  check("getsockname", c.getsockname(fd, ptr(address), ptr(length)));
  return new DataView(address.buffer).getUint16(PORT_OFFSET, false);
}

function setOption(c: Libc, fd: number, level: number, option: number, value: number): void {
  const cell = new Int32Array([value]);
  check("setsockopt", c.setsockopt(fd, level, option, ptr(cell), 4));
}

function isPortFreeForBun(host: string, port: number): boolean {
  try {
    Bun.listen({ hostname: host, port, exclusive: true, socket: { data() {} } }).stop(true);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "EADDRINUSE") return false;
    throw error;
  }
}

function check(syscall: string, result: number, detail?: string): number {
  if (result < 0) throw new SystemError(syscall, errno(), detail);
  return result;
}

function requireLibc(syscall: string): Libc {
  if (libc === null) throw new SystemError(syscall, Errno.ENOSYS, "no C library to call");
  return libc;
}

function cString(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}
