/**
 * The table `[control]`: the socket that `saker ctl` uses to query and control a running server.
 */
import { boolean, optionalPath } from "./setting.ts";
import { table } from "./table.ts";

const group = "Statistics and admin endpoints";

export const CONTROL_TABLE = table("The socket used by saker ctl and saker upgrade; only its owner may connect", {
  enabled: boolean({ default: true, group, meaning: "Listen on a control socket" }),
  socket: optionalPath({
    group,
    meaning:
      "Path of the socket; when not set, beside the statistics file, as `saker-8080.control` beside `saker-8080.stats`",
  }),
});
