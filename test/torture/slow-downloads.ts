/**
 * Downloads that take their time: the client reads a little, and the rest when it is told to.
 *
 * Keeps: when `openDownloads` resolves the buffers between server and clients are full, and the server has a part of the
 *        content still to send.
 */
import { RawClient } from "../support/raw-client.ts";
import { requestOctets } from "../support/saker.ts";

const RECEIVE_BUFFER_OCTETS = 64 * 1024;

/** Time for the buffers to fill: some megabytes each, on loopback. */
const FILL_MS = 300;

export interface Downloads {
  /** Reads the rest of each; how many were whole and had exactly this content, and closed or stayed open in order. */
  finish(content: Uint8Array): Promise<number>;
}

export async function openDownloads(port: number, target: string, count: number): Promise<Downloads> {
  const clients = await Promise.all(
    Array.from({ length: count }, () => RawClient.connect(port, { receiveBufferOctets: RECEIVE_BUFFER_OCTETS })),
  );
  await Promise.all(
    clients.map(async (client) => {
      await client.send(requestOctets(target));
      client.pause();
    }),
  );
  await Bun.sleep(FILL_MS);
  return { finish: (content) => finishAll(clients, content) };
}

async function finishAll(clients: readonly RawClient[], content: Uint8Array): Promise<number> {
  const results = await Promise.all(
    clients.map(async (client) => {
      client.resume();
      try {
        const { body } = await client.readResponse({ deadlineMs: 20_000 });
        return Buffer.compare(body, content) === 0;
      } catch {
        return false; // cut: that is what is counted
      } finally {
        client.close();
      }
    }),
  );
  return results.filter(Boolean).length;
}
