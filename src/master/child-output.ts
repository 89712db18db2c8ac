/**
 * The output of a child process until it ends, when nothing is known about the program.
 *
 * In:    a child with pipes, how many octets of each may come.
 * Out:   the text of both.
 * Keeps: memory and time are bounded: a child that writes more is killed, and its output ends when it exits, even if a
 *        process that it started keeps the pipe open.
 */
type Child = Bun.Subprocess<"ignore", "pipe", "pipe">;

export type ChildOutput = { readonly stdout: string; readonly stderr: string };

/** How long reading what is still in the pipes after the exit may take. */
const LAST_WORDS_MS = 200;

export async function outputOf(child: Child, octetsMax: number): Promise<ChildOutput> {
  const outputs = [child.stdout, child.stderr].map((stream) => new Output(stream, octetsMax, child));
  const heardAll = Promise.all(outputs.map((output) => output.ended));
  await child.exited;
  await Promise.race([heardAll, Bun.sleep(LAST_WORDS_MS)]);
  const [stdout, stderr] = outputs.map((output) => output.close()) as [string, string];
  return { stdout, stderr };
}

class Output {
  readonly ended: Promise<void>;
  private readonly reader: { read(): Promise<{ value?: Uint8Array }>; cancel(): Promise<void> };
  private readonly pieces: Uint8Array[] = [];

  constructor(stream: ReadableStream<Uint8Array>, octetsMax: number, child: Child) {
    this.reader = stream.getReader();
    this.ended = this.read(octetsMax, child);
  }

  private async read(octetsMax: number, child: Child): Promise<void> {
    for (let octets = 0; octets < octetsMax;) {
      const { value } = await this.reader.read();
      if (value === undefined) return;
      this.pieces.push(value);
      octets += value.length;
    }
    child.kill("SIGKILL");
  }

  /** What came, and no more. */
  close(): string {
    this.reader.cancel().catch(() => {}); // a broken pipe has no more output either
    return Buffer.concat(this.pieces).toString("utf8");
  }
}
