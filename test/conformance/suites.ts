/**
 * What can be played: the rows about each protocol, how one is played, and the other servers it is played against.
 */
import { SECTION_GROUPS } from "./cases/index.ts";
import { H2_SECTION_GROUPS } from "./h2/cases/index.ts";
import { fetchOverHttp2 } from "./h2/fetch.ts";
import { ENGINES, H2_PEERS } from "./h2/peers.ts";
import { playRow as playH2Row } from "./h2/play-row.ts";
import type { H2Row } from "./h2/row.ts";
import type { Peer } from "./peer-server.ts";
import { PEERS } from "./peers.ts";
import { type Outcome, playRow, type PlayOptions } from "./play-row.ts";
import type { Row, RowTitle, SectionGroup } from "./row.ts";
import { ServerUnderTest } from "./server-under-test.ts";

export interface Suite<R extends RowTitle> {
  readonly groups: readonly SectionGroup<R>[];
  readonly peers: readonly Peer[];
  readonly peerScheme: "http" | "https";
  /** Peers that serve files by a script, so that only rows about the protocol say something about them. */
  readonly engines: readonly string[];
  serverAt(url: string): ServerUnderTest;
  play(row: R, server: ServerUnderTest, options: PlayOptions): Promise<Outcome>;
}

export const HTTP1: Suite<Row> = {
  groups: SECTION_GROUPS,
  peers: PEERS,
  peerScheme: "http",
  engines: [],
  serverAt: (url) => new ServerUnderTest(url),
  play: playRow,
};

export const HTTP2: Suite<H2Row> = {
  groups: H2_SECTION_GROUPS,
  peers: H2_PEERS,
  peerScheme: "https",
  engines: ENGINES,
  serverAt: (url) => new ServerUnderTest(url, fetchOverHttp2),
  play: playH2Row,
};
