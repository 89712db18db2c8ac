/**
 * The table of settings: every name, type, default, range, unit and meaning, once.
 *
 * Out:   `SETTINGS`, the rows in their order, which lie by groups in files of their own. What a loaded configuration is, settings.ts
 *        derives from them and from the tables.
 * Units: each row's `unit`; values stay in the unit their name ends with.
 * Keeps: the names are published. TOML key `max_body_bytes` = flag `--max-body-bytes` = variable `SAKER_MAX_BODY_BYTES`.
 *        Parsing, validation, `--help` and docs/settings.md read these rows; nothing repeats them.
 *        A new setting is one new row. A new table is one entry in `tables.ts`.
 */
import { CLIENT_ROWS } from "./client-rows.ts";
import { LOG_ROWS } from "./log-rows.ts";
import { SERVING_ROWS } from "./serving-rows.ts";
import { WORKER_ROWS } from "./worker-rows.ts";

export const SETTINGS = { ...SERVING_ROWS, ...WORKER_ROWS, ...CLIENT_ROWS, ...LOG_ROWS } as const;
