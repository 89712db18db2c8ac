/** The static table of RFC 7541 Appendix A: index 1 is its first line. */
const TEXT = `
:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`;

export const STATIC_TABLE: readonly (readonly [name: string, value: string])[] = TEXT.trim()
  .split("\n")
  .map((line) => {
    const [name, ...words] = line.split(" ");
    return [name!, words.join(" ")] as const;
  });

/** Index of a field line, or of a name where `value` is left out; throws when it isn't there. */
export function staticIndex(name: string, value?: string): number {
  const found = STATIC_TABLE.findIndex((entry) => entry[0] === name && (value === undefined || entry[1] === value));
  if (found < 0) throw new Error(`${name} ${value ?? ""} is not in the static table`);
  return found + 1;
}
