/**
 * A stream of octets as lines of JSON.
 *
 * Keeps: a line that is no JSON is skipped: whoever writes it is broken, and ends.
 */
const LINE_CHARACTERS_MAX = 1024 * 1024;

export async function* jsonLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of stream) {
    rest += decoder.decode(piece, { stream: true });
    for (let end = rest.indexOf("\n"); end !== -1; end = rest.indexOf("\n")) {
      const value = parse(rest.slice(0, end));
      rest = rest.slice(end + 1);
      if (value !== undefined) yield value;
    }
    if (rest.length > LINE_CHARACTERS_MAX) return;
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
