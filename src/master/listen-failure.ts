/** Explains why listening failed, and what to do about it. */
import { SystemError } from "../sys/errno.ts";
import { formatAddress } from "./listen-address.ts";
import { StartError } from "./start-error.ts";

/** The message for a failure to listen; anything other than a `SystemError` is passed through. */
export function explainListenFailure(error: unknown, host: string, port: number): unknown {
  if (!(error instanceof SystemError)) return error;
  return new StartError(`cannot listen on ${formatAddress(host, port)}: ${reasonOf(error, port)}`, { cause: error });
}

function reasonOf(error: SystemError, port: number): string {
  switch (error.code) {
    case "EADDRINUSE":
      return `port ${port} is in use by another program; choose another port (--port), or stop that program`;
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
