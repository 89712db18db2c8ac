/** Gets one path over HTTP/2, for what rows need to know of a server beforehand. */
import { type Fetch, FETCH_TIMEOUT_MS } from "../server-under-test.ts";
import { encodeFrameStep } from "./encode-step.ts";
import { getOn } from "./frames.ts";
import { openConnection } from "./opening.ts";

export const fetchOverHttp2: Fetch = async (server, path, fields) => {
  const client = await openConnection(server, {}, FETCH_TIMEOUT_MS);
  try {
    const { head, payload } = await encodeFrameStep(getOn(1, path, ...fields), server);
    client.noteRequest(1, "GET");
    client.sendFrame(head, payload);
    const record = client.streams.get(1)!;
    await client.until(() => record.isOver, FETCH_TIMEOUT_MS);
    if (!record.isComplete)
      throw new Error(`${server.url} did not answer GET ${path}: ${client.breach ?? client.describe()}`);
    return record.toReceived();
  } finally {
    client.wire.close();
  }
};
