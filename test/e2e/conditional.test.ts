/** Conditional requests and ranges (RFC 9110 §13, §14), on a file from memory and on one that is sent from disk. */
import { beforeAll, describe, expect, test } from "bun:test";
import { until } from "../support/deadline.ts";
import { firstDifference, randomOctets } from "../support/octets.ts";
import { requestOctets } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const MODIFIED = "Wed, 01 Jan 2020 00:00:00 GMT";
const EARLIER = "Tue, 31 Dec 2019 23:59:59 GMT";
const LATER = "Wed, 01 Jan 2020 00:00:01 GMT";

const CONTENT: Readonly<Record<string, Buffer>> = {
  "/small.txt": randomOctets(1000, 1),
  "/medium.bin": randomOctets(200_000, 2),
  "/large.bin": randomOctets(2_500_000, 3),
};
const TARGETS = Object.keys(CONTENT);

const server = useSaker({
  site: {
    ...Object.fromEntries(Object.entries(CONTENT).map(([target, octets]) => [target.slice(1), octets])),
    "empty.txt": "",
  },
});

const entityTags: Record<string, string> = {};

beforeAll(async () => {
  for (const target of TARGETS) {
    await server.saker.site.setModified(target.slice(1), new Date(MODIFIED));
    entityTags[target] = (await server.saker.get(target)).field("ETag")!;
  }
});

describe.each(TARGETS)("preconditions on %s", (target) => {
  const fill = (lines: string[]) => lines.map((line) => line.replace("TAG", entityTags[target]!));

  test.each([
    ["the current tag", ["If-None-Match: TAG"], 304],
    ["the current tag, weak (weak comparison)", ["If-None-Match: W/TAG"], 304],
    ["a list with the current tag", [`If-None-Match: "x", TAG , W/"y"`], 304],
    ["two lines, the second with the current tag", [`If-None-Match: "x"`, "If-None-Match: TAG"], 304],
    ["any", ["If-None-Match: *"], 304],
    ["another tag", [`If-None-Match: "x"`], 200],
    ["the tag without its quotes", ["If-None-Match: x"], 200],
    ["an empty list", ["If-None-Match: "], 200],
    ["modified since then: same second", [`If-Modified-Since: ${MODIFIED}`], 304],
    ["modified since then: later", [`If-Modified-Since: ${LATER}`], 304],
    ["modified since then: earlier", [`If-Modified-Since: ${EARLIER}`], 200],
    ["rfc850 date", ["If-Modified-Since: Wednesday, 01-Jan-20 00:00:00 GMT"], 304],
    ["asctime date", ["If-Modified-Since: Wed Jan  1 00:00:00 2020"], 304],
    ["not a date", ["If-Modified-Since: yesterday"], 200],
    ["If-None-Match goes before If-Modified-Since", [`If-None-Match: "x"`, `If-Modified-Since: ${LATER}`], 200],
    ["If-Match with the current tag", ["If-Match: TAG"], 200],
    ["If-Match with any", ["If-Match: *"], 200],
    ["If-Match with another tag", [`If-Match: "x"`], 412],
    ["If-Match compares strongly", ["If-Match: W/TAG"], 412],
    ["unmodified since later", [`If-Unmodified-Since: ${LATER}`], 200],
    ["unmodified since earlier", [`If-Unmodified-Since: ${EARLIER}`], 412],
    ["If-Match goes before If-Unmodified-Since", ["If-Match: TAG", `If-Unmodified-Since: ${EARLIER}`], 200],
    ["If-Match fails before If-None-Match is asked", [`If-Match: "x"`, "If-None-Match: TAG"], 412],
  ])("%s", async (_, lines, status) => {
    for (const method of ["GET", "HEAD"]) {
      await using client = await server.saker.connect();
      const response = await client.request(requestOctets(target, fill(lines), method));
      expect(response.status).toBe(status);
      if (status === 304) {
        expect(response.field("ETag")).toBe(entityTags[target]!);
        expect(response.has("Date")).toBe(true);
        expect(response.body.length).toBe(0);
      }
      // The answer ended where it should: the next one is read right.
      const next = await client.request(requestOctets("/empty.txt"));
      expect([next.status, next.body.length]).toEqual([200, 0]);
    }
  });
});

describe.each(TARGETS)("one range of %s", (target) => {
  const content = CONTENT[target]!;
  const size = content.length;

  test.each([
    ["the first octet", "bytes=0-0", 0, 0],
    ["the second", "bytes=1-1", 1, 1],
    ["the last", `bytes=${size - 1}-`, size - 1, size - 1],
    ["the last, as a suffix", "bytes=-1", size - 1, size - 1],
    ["all", "bytes=0-", 0, size - 1],
    ["a piece", "bytes=100-899", 100, 899],
    ["a suffix", "bytes=-500", size - 500, size - 1],
    ["a suffix longer than the file", "bytes=-99999999", 0, size - 1],
    ["a last position beyond the end", "bytes=990-99999999", 990, size - 1],
    ["leading zeros", "bytes=0005-0009", 5, 9],
    ["the unit in capitals (RFC 9110 §14.1)", "BYTES=5-9", 5, 9],
    ["a huge last position", "bytes=10-99999999999999999999999", 10, size - 1],
  ])("%s", async (_, range, first, last) => {
    const response = await server.saker.get(target, [`Range: ${range}`]);
    expect(response.status).toBe(206);
    expect(response.field("Content-Range")).toBe(`bytes ${first}-${last}/${size}`);
    expect(response.field("Content-Length")).toBe(String(last - first + 1));
    expect(response.field("ETag")).toBe(entityTags[target]!);
    expect(firstDifference(response.body, content.subarray(first, last + 1))).toBeNull();
  });

  test.each([
    ["after the end", `bytes=${size}-`],
    ["far after the end", "bytes=99999999-99999999"],
    ["a suffix of nothing", "bytes=-0"],
  ])("%s is not satisfiable", async (_, range) => {
    const response = await server.saker.get(target, [`Range: ${range}`]);
    expect(response.status).toBe(416);
    expect(response.field("Content-Range")).toBe(`bytes */${size}`);
  });

  test.each([
    ["another unit", "lines=0-1"],
    ["no unit", "0-1"],
    ["last before first", "bytes=5-4"],
    ["nothing", "bytes="],
    ["only a dash", "bytes=-"],
    ["letters", "bytes=a-b"],
    ["a sign", "bytes=+1-2"],
    ["a fraction", "bytes=0-1.5"],
    ["a space inside", "bytes=0 -1"],
  ])("%s is ignored", async (_, range) => {
    const response = await server.saker.get(target, [`Range: ${range}`]);
    expect(response.status).toBe(200);
    expect(firstDifference(response.body, content)).toBeNull();
  });

  test.each([
    ["the current tag", "TAG", 206],
    ["the date of the last modification", MODIFIED, 206],
    ["another tag", `"x"`, 200],
    ["the current tag, weak (strong comparison)", "W/TAG", 200],
    ["another date", LATER, 200],
    ["neither tag nor date", "x", 200],
  ])("If-Range with %s", async (_, value, status) => {
    const line = `If-Range: ${value.replace("TAG", entityTags[target]!)}`;
    const response = await server.saker.get(target, ["Range: bytes=10-19", line]);
    expect(response.status).toBe(status);
    const wanted = status === 206 ? content.subarray(10, 20) : content;
    expect(firstDifference(response.body, wanted)).toBeNull();
  });

  test("a precondition is evaluated before the range (RFC 9110 §13.2.2)", async () => {
    const lines = ["Range: bytes=0-0", `If-None-Match: ${entityTags[target]}`];
    expect((await server.saker.get(target, lines)).status).toBe(304);
  });

  test("HEAD ignores Range (RFC 9110 §14.2)", async () => {
    const response = await server.saker.get(target, ["Range: bytes=0-0"], "HEAD");
    expect([response.status, response.field("Content-Length")]).toEqual([200, String(size)]);
  });

  test("several ranges give all of it, or parts of it, never something else", async () => {
    const response = await server.saker.get(target, ["Range: bytes=0-0,2-2"]);
    if (response.status === 200) expect(firstDifference(response.body, content)).toBeNull();
    else expect(response.field("Content-Type")).toMatch(/^multipart\/byteranges; boundary=/);
  });
});

test.each(["bytes=0-", "bytes=0-0", "bytes=-5"])(
  "%s of an empty file: Range is ignored, as RFC 9110 §14.2 allows",
  async (range) => {
    const response = await server.saker.get("/empty.txt", [`Range: ${range}`]);
    expect([response.status, response.field("Content-Length")]).toEqual([200, "0"]);
  },
);

test("conditions on a missing file don't matter", async () => {
  expect((await server.saker.get("/missing", ["If-None-Match: *"])).status).toBe(404);
  expect((await server.saker.get("/missing", ["Range: bytes=0-0"])).status).toBe(404);
});

describe("a file with a time that its packer wrote", () => {
  // Kept in memory, sent from disk, too large to be read for a hash.
  test.each([
    ["packed.txt", 3000],
    ["packed.bin", 200_000],
    ["packed.iso", 2_500_000],
  ])("%s is judged by its tag alone", async (name, octets) => {
    const { saker } = server;
    const place = async (seed: number) => {
      // As tools unpack: the former name is removed, and the inode may be the same.
      if (seed > 1) await saker.site.remove(name);
      await saker.site.place(name, randomOctets(octets, seed));
      await saker.site.setModified(name, new Date("1985-10-26T08:15:00Z"));
    };
    await place(1);
    const first = await saker.get(`/${name}`);
    expect(first.field("Last-Modified")).toBeNull();
    await place(2);
    const second = await until(async () => {
      const response = await saker.get(`/${name}`, [`If-None-Match: ${first.field("ETag")}`]);
      return response.status === 200 ? response : null;
    }, "the new content is sent");
    expect(second.field("ETag")).not.toBe(first.field("ETag"));
    expect(firstDifference(second.body, randomOctets(octets, 2))).toBeNull();
    for (const date of ["Sat, 26 Oct 1985 08:15:00 GMT", MODIFIED]) {
      expect((await saker.get(`/${name}`, [`If-Modified-Since: ${date}`])).status).toBe(200);
      expect((await saker.get(`/${name}`, ["Range: bytes=0-9", `If-Range: ${date}`])).status).toBe(200);
    }
    expect((await saker.get(`/${name}`, ["If-Unmodified-Since: Sat, 26 Oct 1985 08:15:00 GMT"])).status).toBe(200);
    expect((await saker.get(`/${name}`, [`If-None-Match: ${second.field("ETag")}`])).status).toBe(304);
  });
});
