/**
 * A closed-loop load of keep-alive clients that keeps exact books, for tests that disturb a server meanwhile.
 *
 * In:    a port, a number of clients, the targets to ask for and the content each must have.
 * Out:   `LoadReport`: what every single request came to.
 * Keeps: each client has one request under way at a time; a connection the server announced to close, or closed between
 *        two requests, is replaced by a new one. Nothing is retried silently.
 */
import { firstDifference } from "./octets.ts";
import { RawClient, type TlsChoice } from "./raw-client.ts";
import { requestOctets } from "./saker.ts";

export interface LoadReport {
  /** Requests answered whole and right. */
  answered: number;
  /** Connections that could not be made. */
  refused: number;
  /** Connections that were made, and ended before the first octet of any answer. */
  turnedAway: number;
  /** Later requests on a connection that ended before the first octet of their answer. */
  unanswered: number;
  /** Answers cut short, malformed, with another status than 200, or with wrong content; and what was wrong. */
  broken: string[];
  connections: number;
}

/** What a report says when every request was answered: for `toMatchObject`. */
export const NOTHING_LOST = { refused: 0, turnedAway: 0, unanswered: 0, broken: [] };

export interface Load extends AsyncDisposable {
  readonly report: LoadReport;
  /** Ends every client after its current request. */
  stop(): Promise<LoadReport>;
}

export interface LoadOptions {
  port: number;
  clients: number;
  /** Target -> content it must have. The clients ask for them in turn. */
  targets: Readonly<Record<string, string | Uint8Array>>;
  /** Field lines to add to each request. */
  lines?: readonly string[];
  /** Over TLS. */
  tls?: TlsChoice;
}

/** Starts the clients; they run until `stop`. */
export function startLoad(options: LoadOptions): Load {
  const report: LoadReport = { answered: 0, refused: 0, turnedAway: 0, unanswered: 0, broken: [], connections: 0 };
  const run = { isStopping: false };
  const clients = Array.from({ length: options.clients }, (_, index) => runClient(options, index, report, run));
  const stop = async () => {
    run.isStopping = true;
    await Promise.all(clients);
    return report;
  };
  return { report, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

async function runClient(options: LoadOptions, index: number, report: LoadReport, run: { isStopping: boolean }) {
  const requests = Object.entries(options.targets).map(([target, content]) => ({
    octets: requestOctets(target, options.lines),
    content: Buffer.from(content as Uint8Array),
  }));
  let turn = index;
  while (!run.isStopping) {
    const client = await RawClient.connect(options.port, { tls: options.tls }).catch(() => null);
    if (!client) {
      report.refused++;
      continue;
    }
    report.connections++;
    while (!run.isStopping && client.ending === "open") {
      const { octets, content } = requests[turn++ % requests.length]!;
      const goesOn = await ask(client, octets, content, report);
      if (!goesOn) break;
    }
    client.close();
  }
}

/** One request; whether the connection may be used for another one. */
async function ask(client: RawClient, octets: string, content: Uint8Array, report: LoadReport): Promise<boolean> {
  const receivedBefore = client.octetsReceived;
  try {
    const response = await client.request(octets);
    const difference = firstDifference(response.body, content);
    if (response.status !== 200) report.broken.push(`status ${response.status}`);
    else if (difference) report.broken.push(difference);
    else report.answered++;
    return response.field("Connection") !== "close";
  } catch (error) {
    const isSilent = client.octetsReceived === receivedBefore && !String(error).includes("gave up");
    if (isSilent && receivedBefore === 0) report.turnedAway++;
    else if (isSilent) report.unanswered++;
    else report.broken.push(String(error));
    return false;
  }
}
