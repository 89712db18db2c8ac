/**
 * `openssl s_client`: a client of TLS that isn't ours, for what only it tells: alerts, whether an end was announced, sessions.
 *
 * In:    a port, arguments, what it sends once the handshake is done.
 * Out:   everything it said, which is also what it received.
 * Keeps: it ends when the server does, or fails after a deadline.
 */
import { DEADLINE_MS, within } from "./deadline.ts";

/** As `s_client` says that an end came without close_notify. */
export const CUT_OFF = "unexpected eof while reading";

/** `request`: sent as it is, then it waits for the server to end the connection. Null: it leaves when the handshake is done. */
export async function opensslClient(port: number, args: string, request: string | null = null): Promise<string> {
  const words = args.split(" ").filter((word) => word !== "");
  // With -quiet it doesn't leave at the end of its input, nor take Q and R for commands.
  const command = [
    "openssl",
    "s_client",
    "-connect",
    `127.0.0.1:${port}`,
    ...(request === null ? [] : ["-quiet"]),
    ...words,
  ];
  const client = Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
  if (request !== null) client.stdin.write(request);
  if (request === null) client.stdin.end();
  const said = Promise.all([new Response(client.stdout).text(), new Response(client.stderr).text(), client.exited]);
  try {
    const [stdout, stderr] = await within(said, `openssl s_client ${args} to end`, DEADLINE_MS);
    return stdout + stderr;
  } finally {
    client.kill();
  }
}
