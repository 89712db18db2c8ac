/** Who loads, who waits for a load, and who is refused. */
import { describe, expect, test } from "bun:test";
import { octetsReply, type Reply } from "../../src/http/reply.ts";
import type { RequestHead } from "../../src/http/request-head.ts";
import { textOf } from "../../src/http/octets.ts";
import { ContentWish } from "../../src/serving/application.ts";
import type { Entry } from "../../src/site/entry.ts";
import type { Missing, Site } from "../../src/site/site.ts";
import { SiteApplication } from "../../src/site/site-application.ts";
import { FakeExchange } from "../serving/support/fake-exchange.ts";
import { headOf } from "../http/support/head-result.ts";

type Done = (entry: Entry, isSettled: boolean) => void;

const pathOf = (head: RequestHead): string => textOf(head.bytes, head.pathStart, head.pathEnd);
const replyOf = (status: number): Reply => octetsReply(status, [], Buffer.alloc(0));

/** A site that knows `/known`, refuses `/refused`, and loads everything else when the test says so. */
class PlayedSite {
  missing: Missing | null = null;
  readonly loads: { missing: Missing; done: Done }[] = [];
  releases = 0;

  respond(head: RequestHead): Reply | null {
    const path = pathOf(head);
    if (path === "/known") return replyOf(200);
    const refusal = path === "/refused" ? replyOf(421) : null;
    this.missing = { host: { name: "a" }, key: path, variant: null, authorization: "", refusal } as unknown as Missing;
    return null;
  }

  load(missing: Missing, done: Done): void {
    this.loads.push({ missing, done });
  }

  replyToMiss(): Reply | null {
    return replyOf(206);
  }

  refusal(_head: RequestHead, status: number): Reply {
    return replyOf(status);
  }

  /** The load number `index` has come to an end. */
  finish(index: number): void {
    this.loads[index]!.done({ release: () => this.releases++ } as unknown as Entry, true);
  }
}

function applicationWith({ places = 1, queueSize = 1, sharesLoads = true } = {}) {
  const site = new PlayedSite();
  const told: string[] = [];
  const application = new SiteApplication(site as unknown as Site, {
    places,
    queueSize,
    sharesLoads,
    report: {
      admitted: () => told.push("admitted"),
      rejected: () => told.push("rejected"),
      occupied: (waiting, active) => told.push(`${waiting}+${active}`),
      loaded: () => told.push("loaded"),
    },
    now: () => 0,
  });
  const ask = (path: string): FakeExchange => {
    const exchange = new FakeExchange(`GET ${path}`);
    application.answer(exchange);
    return exchange;
  };
  return { application, ask, site, told };
}

const statusesOf = (...exchanges: FakeExchange[]) =>
  exchanges.map(({ replies }) => replies.map(({ status }) => status));

describe("answer", () => {
  test("what is known by now, or refused, is answered at once", () => {
    const { ask, site, told } = applicationWith();
    expect(statusesOf(ask("/known"), ask("/refused"))).toEqual([[200], [421]]);
    expect([site.loads, told]).toEqual([[], []]);
  });

  test("requests for one path share a load, and each gets one reply", () => {
    const { ask, site, told } = applicationWith();
    const exchanges = [ask("/a"), ask("/a"), ask("/a")];
    expect(site.loads.length).toBe(1);
    site.finish(0);
    expect(statusesOf(...exchanges)).toEqual([[206], [206], [206]]);
    expect(site.releases).toBe(1);
    expect(told).toEqual(["admitted", "0+1", "0+0", "loaded"]);
  });

  test("with the cache off each has a load of its own", () => {
    const { ask, site } = applicationWith({ sharesLoads: false, places: 2 });
    const [first, second] = [ask("/a"), ask("/a")];
    site.finish(1);
    expect(statusesOf(first, second)).toEqual([[], [206]]);
  });

  test("a load waits for a place, and the one after the last place gets 503", () => {
    const { ask, site, told } = applicationWith();
    const [first, second, third] = [ask("/a"), ask("/b"), ask("/c")];
    expect(statusesOf(first, second, third)).toEqual([[], [], [503]]);
    expect(site.loads.length).toBe(1);
    expect(statusesOf(ask("/b"))).toEqual([[]]); // who can share waits, whatever the queue
    site.finish(0);
    expect(site.loads.map(({ missing }) => missing.key)).toEqual(["/a", "/b"]);
    site.finish(1);
    expect(statusesOf(first, second)).toEqual([[206], [206]]);
    expect(told).toEqual(["admitted", "0+1", "admitted", "1+1", "rejected", "0+1", "loaded", "0+0", "loaded"]);
  });

  test("whoever has left gets nothing, and the others do", () => {
    const { ask, site } = applicationWith();
    const [gone, there] = [ask("/a"), ask("/a")];
    gone.isAbandoned = true;
    site.finish(0);
    expect(statusesOf(gone, there)).toEqual([[], [206]]);
  });

  test("after a load the next request loads anew", () => {
    const { ask, site } = applicationWith();
    ask("/a");
    site.finish(0);
    ask("/a");
    expect(site.loads.length).toBe(2);
  });
});

test.each([
  ["GET", ContentWish.Discard],
  ["HEAD", ContentWish.Discard],
  ["OPTIONS", ContentWish.Discard],
  ["POST", ContentWish.Decline],
  ["BREW", ContentWish.Decline],
])("content of %s is of no use", (method, wish) => {
  const { application } = applicationWith();
  expect(application.contentWish(headOf(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`))).toBe(wish);
});
