/**
 * The beginning of a connection (RFC 9113 §3.4): both SETTINGS exchanged and acknowledged, so that what follows meets
 * a server that knows the client's, and the reverse.
 */
import type { ServerUnderTest } from "../server-under-test.ts";
import { H2Client } from "./client.ts";
import { settingOctets } from "./frames.ts";
import { FrameType, PREFACE, Setting } from "./protocol.ts";
import type { Opening } from "./row.ts";

export class NoOpening extends Error {}

export async function openConnection(
  server: ServerUnderTest,
  opening: Opening | "none",
  deadlineMs: number,
): Promise<H2Client> {
  const client = await H2Client.connect(server.address);
  if (opening === "none") {
    client.acknowledges = false;
    return client;
  }
  client.credits = opening.windows !== "manual";
  client.wire.send(PREFACE);
  const pairs = [[Setting.ENABLE_PUSH, 0] as const, ...(opening.settings ?? [])];
  const payload = Buffer.concat(pairs.map(([setting, value]) => settingOctets(setting, value)));
  client.sendFrame({ type: FrameType.SETTINGS, flags: 0, stream: 0 }, payload);
  await client.until(() => client.settingsReceived > 0 && client.acksReceived > 0, deadlineMs);
  if (client.breach !== null || client.acksReceived === 0) {
    client.wire.close();
    throw new NoOpening(client.breach ?? `SETTINGS were not acknowledged: ${client.describe()}`);
  }
  client.frames.length = 0;
  return client;
}
