/**
 * Which media types are worth compressing.
 *
 * In:    patterns such as `text/*` or `*` + `/*+json`, in which `*` is any run of characters; a Content-Type.
 * Keeps: parameters (`; charset=utf-8`) and case don't count (RFC 9110 §8.3.1). For set-up and loading, not for the hot path.
 */
export class CompressibleTypes {
  private readonly patterns: readonly RegExp[];

  constructor(patterns: readonly string[]) {
    this.patterns = patterns.map(expressionOf);
  }

  has(contentType: string): boolean {
    const type = contentType.split(";", 1)[0]!.trim();
    return this.patterns.some((pattern) => pattern.test(type));
  }
}

/** `*` never reaches across the slash. */
function expressionOf(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]*")}$`, "i");
}
