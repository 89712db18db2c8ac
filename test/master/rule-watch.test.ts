/** When a rule file counts as changed, and what of it the master may read. */
import { describe, expect, test } from "bun:test";
import { mayRead } from "../../src/master/read-rules.ts";
import { RuleWatch } from "../../src/master/rule-watch.ts";

describe("RuleWatch", () => {
  test("a version counts when it has stayed, and is reported until it has been tried", () => {
    const watch = new RuleWatch({ "/a/_headers": "1", "/a/_redirects": "" });
    const now = { "/a/_headers": "2", "/a/_redirects": "" };
    expect(watch.look({ ...now, "/a/_headers": "1" }, 0)).toEqual([]);
    expect(watch.look(now, 100)).toEqual([]);
    expect(watch.look(now, 300)).toEqual([]);
    expect(watch.look(now, 350)).toEqual(["/a/_headers"]);
    watch.enter(now);
    expect(watch.look(now, 400)).toEqual([]);
    expect(watch.look({ ...now, "/a/_headers": "3" }, 500)).toEqual([]);
    expect(watch.look({ ...now, "/a/_headers": "3" }, 750)).toEqual(["/a/_headers"]);
  });

  test("a file that is being written waits, and others with it", () => {
    const watch = new RuleWatch({ a: "1", b: "1" });
    for (let step = 0; step < 10; step++) expect(watch.look({ a: "2", b: `${step}` }, step * 100)).toEqual([]);
    expect(watch.look({ a: "2", b: "9" }, 1200)).toEqual(["a", "b"]);
  });

  test("a removal and a return in between are no change; a removal that stays is one", () => {
    const watch = new RuleWatch({ a: "1" });
    expect(watch.look({ a: "" }, 0)).toEqual([]);
    expect(watch.look({ a: "1" }, 100)).toEqual([]);
    expect(watch.look({ a: "" }, 200)).toEqual([]);
    expect(watch.look({ a: "" }, 500)).toEqual(["a"]);
  });

  test("files of a root that is missing are left alone", () => {
    expect(new RuleWatch({ a: "1" }).look({}, 1000)).toEqual([]);
  });
});

describe("mayRead", () => {
  const nobody = { uid: 65534, gids: [65534, 33] };
  test.each([
    ["its own", { uid: 65534, gid: 0, mode: 0o400 }, true],
    ["its own, unreadable", { uid: 65534, gid: 65534, mode: 0o044 }, false],
    ["of a group", { uid: 0, gid: 33, mode: 0o640 }, true],
    ["of a group, unreadable", { uid: 0, gid: 33, mode: 0o604 }, false],
    ["of others", { uid: 0, gid: 0, mode: 0o644 }, true],
    ["such as /etc/shadow", { uid: 0, gid: 42, mode: 0o640 }, false],
  ])("a file %s", (_, file, isReadable) => expect(mayRead(nobody, file)).toBe(isReadable));
  test("root reads everything", () => expect(mayRead({ uid: 0, gids: [0] }, { uid: 1, gid: 1, mode: 0 })).toBe(true));
});
