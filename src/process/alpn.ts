/**
 * Lists of protocols as TLS carries them (RFC 7301 §3.1): each name with its length before it, the one preferred first.
 */
export function alpnOf(...names: readonly string[]): Buffer {
  return Buffer.concat(names.map((name) => Buffer.from(String.fromCharCode(name.length) + name, "latin1")));
}
