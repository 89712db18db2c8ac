import { describe, expect, test } from "bun:test";
import { HTTP_DATE_OCTETS, formatHttpDate, parseHttpDate } from "../../src/http/http-date.ts";
import { octets } from "./support/octets.ts";
import { Random } from "./support/random.ts";

const NOW = Date.UTC(2025, 5, 1);

/** The date lies between other octets, digits among them. */
function parse(text: string, nowMs = NOW): number {
  return parseHttpDate(octets(`1${text}1`), 1, 1 + text.length, nowMs);
}

const seconds = (...parts: [number, number, number, number, number, number]) => Date.UTC(...parts) / 1000;

describe("parseHttpDate", () => {
  test.each([
    ["Sun, 06 Nov 1994 08:49:37 GMT", seconds(1994, 10, 6, 8, 49, 37)],
    ["Sunday, 06-Nov-94 08:49:37 GMT", seconds(1994, 10, 6, 8, 49, 37)],
    ["Sun Nov  6 08:49:37 1994", seconds(1994, 10, 6, 8, 49, 37)],
    ["Wed Nov 16 08:49:37 1994", seconds(1994, 10, 16, 8, 49, 37)],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
    ["Wed, 31 Dec 1969 23:59:59 GMT", -1],
    ["Tue, 29 Feb 2000 12:00:00 GMT", seconds(2000, 1, 29, 12, 0, 0)],
    ["Thu, 29 Feb 2024 12:00:00 GMT", seconds(2024, 1, 29, 12, 0, 0)],
    ["Fri, 01 Mar 2024 00:00:00 GMT", seconds(2024, 2, 1, 0, 0, 0)],
    ["Fri, 31 Dec 9999 23:59:59 GMT", seconds(9999, 11, 31, 23, 59, 59)],
    ["Sat, 31 Dec 2016 23:59:60 GMT", seconds(2017, 0, 1, 0, 0, 0)],
    ["Mon, 06 Nov 1994 08:49:37 GMT", seconds(1994, 10, 6, 8, 49, 37)],
    ["Saturday, 01-Jan-00 00:00:00 GMT", seconds(2000, 0, 1, 0, 0, 0)],
    ["Thursday, 01-Jan-70 00:00:00 GMT", seconds(2070, 0, 1, 0, 0, 0)],
    ["Wednesday, 31-Dec-75 00:00:00 GMT", seconds(2075, 11, 31, 0, 0, 0)],
    ["Thursday, 01-Jan-76 00:00:00 GMT", seconds(1976, 0, 1, 0, 0, 0)],
  ])("%s", (text, expected) => expect(parse(text)).toBe(expected));

  test.each([
    "",
    "now",
    "0",
    "784111777",
    "1994-11-06T08:49:37Z",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 gmt",
    "Sun, 06 Nov 1994 08:49:37 +0000",
    "Sun, 06 Nov 1994 08:49:37 GMT ",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun,  6 Nov 1994 08:49:37 GMT",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "sun, 06 Nov 1994 08:49:37 GMT",
    "Sux, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 nov 1994 08:49:37 GMT",
    "Sun, 06 NOV 1994 08:49:37 GMT",
    "Sun, 06 Nop 1994 08:49:37 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 31 Nov 1994 08:49:37 GMT",
    "Sun, 32 Dec 1994 08:49:37 GMT",
    "Wed, 29 Feb 2023 12:00:00 GMT",
    "Thu, 29 Feb 1900 12:00:00 GMT",
    "Fri, 30 Feb 2024 12:00:00 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:00 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT",
    "Sun, 06 Nov 1994 8:49:37 GMTx",
    "Sun, 06 Nov 1994 -8:49:37 GMT",
    "Sun, 06 Nov 1994 08-49-37 GMT",
    "Sun, 06-Nov-1994 08:49:37 GMT",
    "Sun. 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 199x 08:49:37 GMT",
    "Sun, 06 Nov 94 08:49:37 GMT",
    "Sunday, 06-Nov-1994 08:49:37 GMT",
    "Sunday, 06 Nov 94 08:49:37 GMT",
    "Sun, 06-Nov-94 08:49:37 GMT",
    "sunday, 06-Nov-94 08:49:37 GMT",
    "Sunday, 06-Nov-9x 08:49:37 GMT",
    "Sunday, 32-Nov-94 08:49:37 GMT",
    ", 06-Nov-94 08:49:37 GMT",
    "Sun Nov 6 08:49:37 1994",
    "Sun Nov 06 08:49:37 94",
    "Sun Nov  6 08:49:37 199x",
    "Sun Nov 31 08:49:37 1994",
    "Sun Nov  0 08:49:37 1994",
    "Sun, Nov 6 08:49:37 1994",
    "Sun Nov  6 08:49:37 1994 GMT",
  ])("%j is none", (text) => expect(parse(text)).toBeNaN());

  test("understands what formatHttpDate writes, and the obsolete ways to write the same", () => {
    for (let seed = 1; seed <= 5000; seed++) {
      const random = new Random(seed);
      const second = random.below(253_402_300);
      const at = second * 1000 + random.below(1000);
      const text = formatHttpDate(at * 1000);
      expect([seed, parse(text)]).toEqual([seed, at]);
      const [day, date, month, year, time] = text.replace(",", "").split(" ");
      expect([seed, parse(`${day} ${month} ${date!.replace(/^0/, " ")} ${time} ${year}`)]).toEqual([seed, at]);
    }
  });

  test("takes the present for an rfc850-date if it is not told another", () => {
    const year = new Date().getUTCFullYear();
    const text = `Monday, 01-Jan-${String(year % 100).padStart(2, "0")} 00:00:00 GMT`;
    expect(parseHttpDate(octets(text), 0, text.length)).toBe(Date.UTC(year, 0, 1) / 1000);
  });
});

describe("formatHttpDate", () => {
  test.each([
    [0, "Thu, 01 Jan 1970 00:00:00 GMT"],
    [784111777999, "Sun, 06 Nov 1994 08:49:37 GMT"],
    [784111777000.5, "Sun, 06 Nov 1994 08:49:37 GMT"],
    [253402300799999, "Fri, 31 Dec 9999 23:59:59 GMT"],
    [1e20, "Fri, 31 Dec 9999 23:59:59 GMT"],
    [-1, "Thu, 01 Jan 1970 00:00:00 GMT"],
  ])("%d", (ms, text) => {
    expect(formatHttpDate(ms)).toBe(text);
    expect(text.length).toBe(HTTP_DATE_OCTETS);
  });
});
