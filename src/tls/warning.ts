/** What can be served and is probably not meant: what it is, and what to do about it. */
export interface Warning {
  /** The end of a sentence that begins with the file; in a source's outcome the whole sentence. */
  readonly text: string;
  /** A sentence or two. */
  readonly advice: string;
}

export function warning(text: string, advice: string): Warning {
  return { text, advice };
}

/** The same as sentences about a file. */
export function about(file: string, warnings: readonly Warning[]): Warning[] {
  return warnings.map(({ text, advice }) => ({ text: `${file} ${text}`, advice }));
}
