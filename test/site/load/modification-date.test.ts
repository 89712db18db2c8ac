import { expect, test } from "bun:test";
import { modificationDateOf } from "../../../src/site/load/modification-date.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");

test.each<[what: string, time: string]>([
  ["before 1970", "1969-12-31T23:59:58Z"],
  ["0", "1970-01-01T00:00:00Z"],
  ["1", "1970-01-01T00:00:01Z"],
  ["a zip without times, in any time zone", "1979-12-31T10:00:00Z"],
  ["the first time of a zip", "1980-01-01T00:00:00Z"],
  ["reproducible zips", "1980-02-01T00:00:00Z"],
  ["yarn", "1984-06-22T21:50:00Z"],
  ["npm", "1985-10-26T08:15:00Z"],
  ["Bazel", "2000-01-01T00:00:00Z"],
  ["Cargo", "2006-07-24T01:21:28Z"],
  ["Hatch", "2020-02-02T00:00:00Z"],
])("%s is no modification date", (_, time) => {
  expect(modificationDateOf(Date.parse(time), NOW)).toBeNaN();
});

test.each<[what: string, time: string, date: string]>([
  ["an early page", "1991-08-06T15:00:00Z", "1991-08-06T15:00:00Z"],
  ["a file", "2024-06-03T12:34:56.789Z", "2024-06-03T12:34:56.789Z"],
  ["a second beside a packer's", "2020-02-02T00:00:00.001Z", "2020-02-02T00:00:00.001Z"],
  ["the future", "2027-01-01T00:00:00Z", "2026-11-20T12:00:00Z"],
])("%s has one", (_, time, date) => {
  expect(modificationDateOf(Date.parse(time), NOW)).toBe(Date.parse(date));
});
