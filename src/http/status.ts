/**
 * Status codes and their reason phrases (RFC 9110 §15; 103: RFC 8297; 421: RFC 9110 §15.5.20; 425: RFC 8470; 428, 429,
 * 431, 511: RFC 6585; 451: RFC 7725).
 *
 * Keeps: a reason phrase is for people; nothing reads it. Codes without one get an empty phrase, which the grammar
 *        allows.
 */

const REASON_PHRASE: Readonly<Record<number, string>> = {
  100: "Continue",
  101: "Switching Protocols",
  103: "Early Hints",
  200: "OK",
  201: "Created",
  202: "Accepted",
  203: "Non-Authoritative Information",
  204: "No Content",
  205: "Reset Content",
  206: "Partial Content",
  300: "Multiple Choices",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  305: "Use Proxy",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  407: "Proxy Authentication Required",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  425: "Too Early",
  426: "Upgrade Required",
  428: "Precondition Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  451: "Unavailable For Legal Reasons",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  507: "Insufficient Storage",
  511: "Network Authentication Required",
};

/** Reason phrase of a status code; "" if it has none. */
export function reasonPhrase(status: number): string {
  return REASON_PHRASE[status] ?? "";
}

/** status-line = HTTP-version SP status-code SP [ reason-phrase ] CRLF (RFC 9112 §4); `status` is in 100..999. */
export function statusLine(status: number): string {
  if (!Number.isInteger(status) || status < 100 || status > 999) throw new RangeError(`no status code: ${status}`);
  return `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`;
}
