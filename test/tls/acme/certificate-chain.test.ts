/** Other chains that an authority offers (RFC 8288). */
import { expect, test } from "bun:test";
import { alternatesOf } from "../../../src/tls/acme/certificate-chain.ts";

const BASE = "https://acme.example/certificate/1";

test.each<[string, string[]]>([
  [`<${BASE}/1>;rel="alternate"`, [`${BASE}/1`]],
  [
    `<https://acme.example/directory>;rel="index", <${BASE}/1>; rel="alternate", <${BASE}/2>;rel=alternate`,
    [`${BASE}/1`, `${BASE}/2`],
  ],
  [`<1/2>;rel="alternate"`, ["https://acme.example/certificate/1/2"]],
  [`<${BASE}/1>;title="a, b; c";rel="up alternate"`, [`${BASE}/1`]],
  [`<http://acme.example/1>;rel="alternate"`, []],
  [`<${BASE}/1>;rel="index"`, []],
  ["garbage", []],
  ["", []],
])("%s", (link, urls) => {
  expect(alternatesOf({ headers: new Headers({ Link: link }) }, BASE)).toEqual(urls);
});
