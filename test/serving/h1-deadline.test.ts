/** Until when a connection may stay in each of its states. A deadline of n seconds passes in the second after. */
import { describe, expect, test } from "bun:test";
import { ContentWish } from "../../src/serving/application.ts";
import { Counter } from "../../src/stats/layout.ts";
import { H1Bench, textReply } from "./support/h1-bench.ts";
import { Seconds } from "../../src/units.ts";

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const post = (fields: string): string => `POST /known HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`;

/** Nothing is done to the link for so many seconds, and something is in the next. */
function expectDeadline(bench: H1Bench, seconds: number, deeds: readonly string[]): void {
  const before = [...bench.link.deeds];
  bench.wait(seconds);
  expect(bench.link.deeds).toEqual(before);
  bench.wait(1);
  expect(bench.link.deeds).toEqual([...before, ...deeds]);
}

const countOf = (bench: H1Bench, counter: Counter): number => bench.parts.counters[counter]!;

describe("the first request", () => {
  test("has header_timeout_seconds, less what a deferred accept has taken", () => {
    const bench = new H1Bench({ headSeconds: 10, deferSeconds: 1 });
    expectDeadline(bench, 9, ["close"]);
    expect(countOf(bench, Counter.TimeoutsHeader)).toBe(1);
  });

  test("has all of it where the kernel didn't defer", () => {
    const bench = new H1Bench({ headSeconds: 10, deferSeconds: 1 });
    bench.link.retransmitted = 0;
    expectDeadline(bench, 10, ["close"]);
    expect(countOf(bench, Counter.TimeoutsHeader)).toBe(1);
  });

  test("empty lines don't put it off", () => {
    const bench = new H1Bench({ headSeconds: 10, deferSeconds: 1 });
    bench.wait(5);
    bench.send("\r\n");
    expectDeadline(bench, 4, ["close"]);
  });
});

describe("the next request", () => {
  test("has keepalive_timeout_seconds from the last reply", () => {
    const bench = new H1Bench({ idleSeconds: 60 });
    for (let request = 0; request < 3; request++) {
      bench.send(get("/known"));
      bench.wait(50);
    }
    expectDeadline(bench, 10, ["close"]);
    expect(countOf(bench, Counter.TimeoutsKeepalive)).toBe(1);
  });

  test("has it from the reply that the application has taken its time for", () => {
    const bench = new H1Bench({ idleSeconds: 5 });
    bench.send(get("/slow"));
    bench.wait(100);
    bench.application.exchanges[0]!.reply(textReply(200, ""));
    expectDeadline(bench, 5, ["close"]);
  });
});

describe("a head", () => {
  test.each([true, false])("has header_timeout_seconds, however it trickles in; the first: %p", (isFirst) => {
    const bench = new H1Bench({ headSeconds: 10 });
    if (!isFirst) bench.send(get("/known"));
    bench.send("GET /");
    for (let second = 0; second < 10; second++) {
      bench.wait(1);
      expect(bench.send("x")).toBe("");
    }
    expectDeadline(bench, 0, ["shutdown"]);
    expect(bench.link.take()).toStartWith("HTTP/1.1 408");
    expect(countOf(bench, Counter.TimeoutsHeader)).toBe(1);
  });

  test("that is whole in time is answered, and the next has its own time", () => {
    const bench = new H1Bench({ headSeconds: 10 });
    for (let request = 0; request < 3; request++) {
      bench.send(get("/known").slice(0, 20));
      bench.wait(9);
      expect(bench.send(get("/known").slice(20))).toEndWith("/known");
    }
    expect(bench.link.deeds).toEqual([]);
  });
});

describe("content", () => {
  test("may take any time while it comes at min_receive_rate", () => {
    const bench = new H1Bench({ contentSeconds: 30, receiveRateMin: 2 });
    bench.send(post("Content-Length: 1000"));
    for (let period = 0; period < 4; period++) {
      bench.wait(15);
      bench.send("x".repeat(60));
      bench.wait(16);
    }
    expect(bench.link.deeds).toEqual([]);
    bench.send("x".repeat(59));
    expectDeadline(bench, 30, ["shutdown"]);
    expect(bench.link.take()).toStartWith("HTTP/1.1 408");
    expect(countOf(bench, Counter.TimeoutsIdle)).toBe(1);
  });

  test("without a rate, one octet in each period will do", () => {
    const bench = new H1Bench({ contentSeconds: 30, receiveRateMin: 0 });
    bench.send(post("Content-Length: 1000"));
    for (let period = 0; period < 4; period++) {
      bench.send("x");
      bench.wait(31);
    }
    expect(bench.link.deeds).toEqual([]);
    expectDeadline(bench, 30, ["shutdown"]);
  });

  test("that the application doesn't take has none", () => {
    const bench = new H1Bench();
    bench.application.wish = ContentWish.Stream;
    bench.send(post("Content-Length: 1000"));
    bench.wait(1000);
    expect(bench.link.deeds).toEqual([]);
    const { content } = bench.application.exchanges[0]!;
    content.pipe({ take: () => true, end() {}, aborted() {} });
    expectDeadline(bench, 30, ["shutdown"]);
    expect(bench.link.take()).toStartWith("HTTP/1.1 408");
  });

  test("that is dropped after its reply is timed, too", () => {
    const bench = new H1Bench({ contentSeconds: 30 });
    bench.application.wish = ContentWish.Stream;
    bench.application.onAnswer = (exchange) => exchange.reply(textReply(413, ""));
    bench.send(post("Content-Length: 1000"));
    expectDeadline(bench, 30, ["shutdown"]);
  });
});

test("an application has any time", () => {
  const bench = new H1Bench();
  bench.send(get("/slow"));
  bench.wait(1000);
  expect(bench.link.deeds).toEqual([]);
  bench.application.exchanges[0]!.reply(textReply(200, "slow"));
  expect(bench.link.take()).toEndWith("slow");
});

describe("a client that doesn't take its answer", () => {
  function blocked(timeouts: { writeSeconds: number; sendRateMin: number }): H1Bench {
    const bench = new H1Bench(timeouts);
    bench.link.room = 10;
    bench.send(get("/known"));
    return bench;
  }

  test("is reset when it has received nothing for timeout_seconds", () => {
    const bench = blocked({ writeSeconds: 30, sendRateMin: 0 });
    expectDeadline(bench, 30, ["terminate"]);
    expect(countOf(bench, Counter.TimeoutsIdle)).toBe(1);
    expect(countOf(bench, Counter.ConnectionsAborted)).toBe(1);
  });

  test("is reset, too, where it can't be known what it has received", () => {
    const bench = new H1Bench({ writeSeconds: 30 });
    bench.link.acknowledged = -1;
    bench.link.room = 10;
    bench.send(get("/known"));
    expectDeadline(bench, 30, ["terminate"]);
  });

  test("has time while it receives anything", () => {
    const bench = blocked({ writeSeconds: 30, sendRateMin: 0 });
    for (let period = 0; period < 4; period++) {
      bench.link.acknowledged++;
      bench.wait(31);
    }
    expect(bench.link.deeds).toEqual([]);
    expectDeadline(bench, 30, ["terminate"]);
  });

  test("has its time anew with every octet that it takes", () => {
    const bench = blocked({ writeSeconds: 30, sendRateMin: 0 });
    for (let turn = 0; turn < 4; turn++) {
      bench.wait(29);
      bench.link.drain(1);
    }
    expectDeadline(bench, 30, ["terminate"]);
  });

  test("is reset when it is slower than min_send_rate over a period", () => {
    const bench = blocked({ writeSeconds: 5, sendRateMin: 100 });
    bench.link.acknowledged += 601;
    bench.wait(6);
    expect(bench.link.deeds).toEqual([]);
    bench.link.acknowledged += 599;
    expectDeadline(bench, 5, ["terminate"]);
    expect(countOf(bench, Counter.TimeoutsSendRate)).toBe(1);
    expect(countOf(bench, Counter.TimeoutsIdle)).toBe(0);
  });

  test("gets no new period by taking a little", () => {
    const bench = blocked({ writeSeconds: 5, sendRateMin: 100 });
    bench.wait(3);
    bench.link.drain(1);
    bench.link.acknowledged += 11;
    expectDeadline(bench, 2, ["terminate"]);
  });

  test("that takes the rest in time may send its next request", () => {
    const bench = blocked({ writeSeconds: 5, sendRateMin: 100 });
    bench.wait(5);
    bench.link.drain();
    expectDeadline(bench, 60, ["close"]);
    expect(countOf(bench, Counter.TimeoutsKeepalive)).toBe(1);
  });
});

describe("a goodbye", () => {
  const leaving = (): H1Bench => {
    const bench = new H1Bench({ sendRateMin: 0 });
    bench.send("GET /\u0001 HTTP/1.1\r\n\r\n");
    expect(bench.link.deeds).toEqual(["shutdown"]);
    return bench;
  };

  test("is short, and what comes meanwhile doesn't make it longer", () => {
    const bench = leaving();
    bench.wait(3);
    expect(bench.send(get("/known"))).toBe("");
    expectDeadline(bench, 2, ["close"]);
  });

  test("lasts while the client receives what is on its way", () => {
    const bench = leaving();
    bench.link.unacknowledged = 5000;
    for (let period = 0; period < 4; period++) {
      bench.link.acknowledged += 1000;
      bench.wait(6);
    }
    expect(bench.link.deeds).toEqual(["shutdown"]);
    expectDeadline(bench, 5, ["close"]);
  });

  test("ends when the client has received everything", () => {
    const bench = leaving();
    bench.link.acknowledged += 1000;
    expectDeadline(bench, 5, ["close"]);
  });
});

describe("when the server goes away", () => {
  const silent = (): H1Bench => new H1Bench();
  const keptAlive = (): H1Bench => {
    const bench = new H1Bench();
    bench.send(get("/known"));
    return bench;
  };

  test.each([
    ["one that was kept alive", keptAlive],
    ["one that has been silent", silent],
  ])("%s is closed at once when it stops", (_what, connect) => {
    const bench = connect();
    bench.parts.keepAlive.drain(Seconds(0));
    bench.connection.drain();
    expect(bench.link.deeds).toEqual(["close"]);
  });

  test.each([
    ["one that was kept alive", keptAlive],
    ["one that has been silent", silent],
  ])("in a reload %s may send one more request", (_what, connect) => {
    const late = connect();
    late.parts.keepAlive.drain(Seconds(5));
    late.connection.drain();
    expectDeadline(late, 5, ["close"]);
    const early = connect();
    early.parts.keepAlive.drain(Seconds(5));
    early.connection.drain();
    early.wait(5);
    expect(early.send(get("/known"))).toContain("Connection: close\r\n");
  });

  test("a request that has arrived and wasn't read yet is waited for", () => {
    const bench = keptAlive();
    bench.parts.keepAlive.drain(Seconds(0));
    bench.link.queued = true;
    bench.connection.drain();
    expect(bench.link.deeds).toEqual([]);
    expect(bench.send(get("/known"))).toContain("Connection: close\r\n");
    const other = keptAlive();
    other.parts.keepAlive.drain(Seconds(0));
    other.link.queued = true;
    other.connection.drain();
    expectDeadline(other, 0, ["close"]);
  });

  test.each<[what: string, begin: (bench: H1Bench) => void]>([
    ["a head that is being read is read", (bench) => bench.send("GET /known")],
    ["content that is being read is read", (bench) => bench.send(post("Content-Length: 2"))],
    ["a reply that is being made is awaited", (bench) => bench.send(get("/slow"))],
    [
      "a response that is under way goes on",
      (bench) => {
        bench.link.room = 10;
        bench.send(get("/known"));
      },
    ],
  ])("%s", (_what, begin) => {
    const bench = new H1Bench();
    begin(bench);
    bench.parts.keepAlive.drain(Seconds(0));
    bench.connection.drain();
    bench.wait(9);
    expect(bench.link.deeds).toEqual([]);
  });

  describe("of a client that has been sent its last response, and keeps its side open", () => {
    const lastSent = (request = "GET /known HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"): H1Bench => {
      const bench = new H1Bench();
      bench.link.queued = true;
      bench.send(request);
      expect(bench.link.deeds).toEqual(["shutdown"]);
      return bench;
    };

    test("it is closed once the client has acknowledged everything", () => {
      const bench = lastSent();
      bench.connection.drain();
      expect(bench.link.deeds).toEqual(["shutdown", "close"]);
    });

    test("it is looked at again if the client has yet to take something", () => {
      const bench = lastSent();
      bench.link.unacknowledged = 1000;
      bench.connection.drain();
      expect(bench.link.deeds).toEqual(["shutdown"]);
      bench.link.unacknowledged = 0;
      expectDeadline(bench, 0, ["close"]);
    });

    test("it is waited for while it may be sending", () => {
      const bench = lastSent("GET /known HTTP/1.1\r\n: malformed\r\n\r\n");
      bench.connection.drain();
      expect(bench.link.deeds).toEqual(["shutdown"]);
    });
  });
});

describe("the lists of those that wait", () => {
  test("hold who may make room, and nobody else", () => {
    const bench = new H1Bench();
    const { keptAlive, silent } = bench.parts;
    const lists = (): readonly boolean[] => [silent.oldest !== null, keptAlive.oldest !== null];
    expect(lists()).toEqual([true, false]);
    bench.send("GET /known ");
    expect(lists()).toEqual([false, false]);
    bench.send("HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(lists()).toEqual([false, true]);
    bench.send(get("/slow"));
    expect(lists()).toEqual([false, false]);
    bench.application.exchanges[0]!.reply(textReply(200, ""));
    expect(lists()).toEqual([false, true]);
    keptAlive.oldest!.giveWay();
    expect(bench.link.deeds).toEqual(["close"]);
    expect(lists()).toEqual([false, false]);
  });
});

test("an exception when time is up ends the connection, and no other", () => {
  const bench = new H1Bench();
  bench.application.refusal = () => {
    throw new Error("a bug");
  };
  bench.send("GET /");
  bench.wait(20);
  expect(bench.errors).toHaveLength(1);
  expect(bench.link.deeds).toEqual(["terminate"]);
});
