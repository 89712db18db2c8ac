/**
 * Every contender of a suite, in the order of the tables.
 */
import type { Contender } from "../contender.ts";
import { bunServe } from "./bun-serve.ts";
import { caddy } from "./caddy.ts";
import { floorIn } from "./floor.ts";
import { h2o } from "./h2o.ts";
import { lighttpd } from "./lighttpd.ts";
import { nginxCopy, nginxLargeBuffers, nginxTuned, nginxSendfile } from "./nginx.ts";
import { sakerFrom, type SakerChoice } from "./saker.ts";
import { tlsFloor } from "./tls-floor.ts";

export function allContenders(temporaryFolder: string, saker: SakerChoice): Contender[] {
  return [
    sakerFrom(saker),
    floorIn(temporaryFolder),
    bunServe,
    nginxSendfile,
    nginxCopy,
    nginxTuned,
    h2o,
    lighttpd,
    caddy,
  ];
}

/** Those that speak TLS and HTTP/2. */
export function tlsContenders(_temporaryFolder: string, saker: SakerChoice): Contender[] {
  return [sakerFrom(saker), tlsFloor, nginxSendfile, nginxLargeBuffers, h2o, lighttpd];
}
