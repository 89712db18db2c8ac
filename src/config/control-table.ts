/**
 * The table `[control]`: the socket by which a running server is asked and told things (`saker ctl`).
 */
import { boolean, optionalPath } from "./setting.ts";
import { table } from "./table.ts";

const group = "Statistics and admin endpoints";

export const CONTROL_TABLE = table("The socket of saker ctl and saker upgrade, which only its owner may connect to", {
  enabled: boolean({ default: true, group, meaning: "Listen on a control socket" }),
  socket: optionalPath({
    group,
    meaning:
      "Where it is; when not set, beside the file of statistics, as `saker-8080.control` is beside `saker-8080.stats`",
  }),
});
