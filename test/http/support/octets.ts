/** Readable octets for tests: text with visible \r\n, one ISO 8859-1 character an octet. */

export function octets(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** Text on one line, with control characters visible, for test names and failure messages. */
export function visible(text: string, most = 200): string {
  const shown = text.length > most ? `${text.slice(0, most)}… (${text.length} octets)` : text;
  return JSON.stringify(shown).slice(1, -1);
}
