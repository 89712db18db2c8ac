/** The examples of RFC 7541 Appendix C, all of them. */
import { describe, expect, test } from "bun:test";
import { HpackReader } from "../../src/http2/hpack-reader.ts";
import { Decoding, hex, type TextField } from "./support/decoding.ts";

test.each([
  ["C.1.1", "ea", 0x1f, 10],
  ["C.1.2", "ff9a0a", 0x1f, 1337],
  ["C.1.3", "2a", 0xff, 42],
])("%s: an integer", (_section, octets, prefix, value) => {
  const reader = new HpackReader();
  const source = hex(octets);
  reader.begin(source, 0, source.length);
  expect(reader.integer(prefix)).toBe(value);
  expect(reader.position).toBe(source.length);
});

const CUSTOM: TextField = ["custom-key", "custom-header"];

test.each([
  [
    "C.2.1, a literal with indexing",
    "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
    CUSTOM,
    [CUSTOM],
    55,
  ],
  ["C.2.2, a literal without indexing", "040c 2f73 616d 706c 652f 7061 7468", [":path", "/sample/path"], [], 0],
  ["C.2.3, a literal never indexed", "1008 7061 7373 776f 7264 0673 6563 7265 74", ["password", "secret"], [], 0],
  ["C.2.4, an indexed field", "82", [":method", "GET"], [], 0],
] as const)("%s", (_section, block, field, table, size) => {
  const decoding = new Decoding();
  expect(decoding.fields(hex(block))).toEqual([[...field]]);
  expect(decoding.table).toEqual(table.map((entry) => [...entry]));
  expect(decoding.tableSize).toBe(size);
});

interface Step {
  readonly block: string;
  readonly fields: readonly TextField[];
  readonly table: readonly TextField[];
  readonly size: number;
}

const GET: TextField = [":method", "GET"];
const HTTP: TextField = [":scheme", "http"];
const AUTHORITY: TextField = [":authority", "www.example.com"];
const NO_CACHE: TextField = ["cache-control", "no-cache"];
const VALUE: TextField = ["custom-key", "custom-value"];

const REQUESTS: readonly Omit<Step, "block">[] = [
  { fields: [GET, HTTP, [":path", "/"], AUTHORITY], table: [AUTHORITY], size: 57 },
  { fields: [GET, HTTP, [":path", "/"], AUTHORITY, NO_CACHE], table: [NO_CACHE, AUTHORITY], size: 110 },
  {
    fields: [GET, [":scheme", "https"], [":path", "/index.html"], AUTHORITY, VALUE],
    table: [VALUE, NO_CACHE, AUTHORITY],
    size: 164,
  },
];

const PRIVATE: TextField = ["cache-control", "private"];
const LOCATION: TextField = ["location", "https://www.example.com"];
const FIRST_DATE: TextField = ["date", "Mon, 21 Oct 2013 20:13:21 GMT"];
const SECOND_DATE: TextField = ["date", "Mon, 21 Oct 2013 20:13:22 GMT"];
const GZIP: TextField = ["content-encoding", "gzip"];
const COOKIE: TextField = ["set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"];

const RESPONSES: readonly Omit<Step, "block">[] = [
  {
    fields: [[":status", "302"], PRIVATE, FIRST_DATE, LOCATION],
    table: [LOCATION, FIRST_DATE, PRIVATE, [":status", "302"]],
    size: 222,
  },
  {
    fields: [[":status", "307"], PRIVATE, FIRST_DATE, LOCATION],
    table: [[":status", "307"], LOCATION, FIRST_DATE, PRIVATE],
    size: 222,
  },
  {
    fields: [[":status", "200"], PRIVATE, SECOND_DATE, LOCATION, GZIP, COOKIE],
    table: [COOKIE, GZIP, SECOND_DATE],
    size: 215,
  },
];

/** The examples with responses are about a table of 256 octets; what says so is a size update here. */
const MAXIMUM_256 = "3fe101";

describe.each([
  [
    "C.3, requests without Huffman code",
    REQUESTS,
    "",
    [
      "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
      "8286 84be 5808 6e6f 2d63 6163 6865",
      "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ],
  ],
  [
    "C.4, requests with Huffman code",
    REQUESTS,
    "",
    [
      "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
      "8286 84be 5886 a8eb 1064 9cbf",
      "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ],
  ],
  [
    "C.5, responses without Huffman code",
    RESPONSES,
    MAXIMUM_256,
    [
      "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120" +
        "474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
      "4803 3330 37c1 c0bf",
      "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738" +
        "666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33" +
        "3630 303b 2076 6572 7369 6f6e 3d31",
    ],
  ],
  [
    "C.6, responses with Huffman code",
    RESPONSES,
    MAXIMUM_256,
    [
      "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718" +
        "63c7 8f0b 97c8 e9ae 82ae 43d3",
      "4883 640e ffc1 c0bf",
      "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7" +
        "b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
    ],
  ],
] as const)("%s", (_section, steps, before, blocks) => {
  test("fields and tables of all three", () => {
    const decoding = new Decoding();
    blocks.forEach((block, index) => {
      const { fields, size, table } = steps[index]!;
      expect(decoding.fields(hex(index === 0 ? before + block : block))).toEqual([...fields]);
      expect(decoding.tableSize).toBe(size);
      expect(decoding.table).toEqual([...table]);
    });
  });
});
