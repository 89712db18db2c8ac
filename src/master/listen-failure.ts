/** Explains why listening failed, and what to do about it. */
import { EVERY_ADDRESS, EVERY_IPV4_ADDRESS, formatHostPort } from "../config/host-port.ts";
import { SystemError } from "../sys/errno.ts";
import { isPortFree } from "../sys/listen-socket.ts";
import { StartError } from "./start-error.ts";

/** The message for a failure to listen; anything other than a `SystemError` is passed through. */
export function explainListenFailure(error: unknown, host: string, port: number): unknown {
  if (!(error instanceof SystemError)) return error;
  return new StartError(`cannot listen on ${formatHostPort(host, port)}: ${reasonOf(error, host, port)}`, {
    cause: error,
  });
}

function reasonOf(error: SystemError, host: string, port: number): string {
  switch (error.code) {
    case "EADDRINUSE":
      return `port ${port} is in use by another program${familyInUse(host, port)}; choose another one (--port, --https-port, --admin-listen), or stop that program`;
    case "EACCES":
      return `port ${port} is not allowed for this user; choose one above 1023, or grant CAP_NET_BIND_SERVICE`;
    case "EADDRNOTAVAIL":
      return `this machine has no such address; "0.0.0.0" is every IPv4 address, "::" every address`;
    case "EAFNOSUPPORT":
      return "this machine doesn't speak that version of IP";
    case "EMFILE":
    case "ENFILE":
      return "too many open files; raise the descriptor limit (ulimit -n)";
    default:
      return error.message;
  }
}

/** Where both families were asked for and one of them is to be had: the other one. */
function familyInUse(host: string, port: number): string {
  if (host !== EVERY_ADDRESS) return "";
  const [isFreeOnIpv4, isFreeOnIpv6] = [EVERY_IPV4_ADDRESS, EVERY_ADDRESS].map((every) =>
    isPortFree(every, port, true),
  );
  if (isFreeOnIpv4 === isFreeOnIpv6) return "";
  return isFreeOnIpv4 ? " on IPv6" : " on IPv4";
}
