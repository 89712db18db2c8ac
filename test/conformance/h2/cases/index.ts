/** All rows about HTTP/2, in the order of the sections. */
import type { H2Row, H2SectionGroup } from "../row.ts";
import { REPRESENTATION_ROWS } from "./7541-representations.ts";
import { TABLE_ROWS } from "./7541-tables.ts";
import { SEMANTICS_ROWS } from "./9110-semantics.ts";
import { PREFACE_ROWS } from "./9113-3-preface.ts";
import { FIELD_BLOCK_ROWS } from "./9113-4-field-blocks.ts";
import { FRAME_ROWS } from "./9113-4-frames.ts";
import { STATE_ROWS } from "./9113-5-states.ts";
import { STREAM_ROWS } from "./9113-5-streams.ts";
import { CONNECTION_FRAME_ROWS } from "./9113-6-connection-frames.ts";
import { DATA_AND_HEADERS_ROWS } from "./9113-6-data-headers.ts";
import { CREDIT_ROWS } from "./9113-6-credit.ts";
import { WINDOW_ROWS } from "./9113-6-windows.ts";
import { CONTROL_DATA_ROWS } from "./9113-8-control-data.ts";
import { FIELD_ROWS } from "./9113-8-fields.ts";
import { MESSAGE_ROWS } from "./9113-8-messages.ts";
import { PRIORITY_ROWS } from "./9218-priorities.ts";

export const H2_SECTION_GROUPS: readonly H2SectionGroup[] = [
  PREFACE_ROWS,
  FRAME_ROWS,
  FIELD_BLOCK_ROWS,
  STATE_ROWS,
  STREAM_ROWS,
  DATA_AND_HEADERS_ROWS,
  CONNECTION_FRAME_ROWS,
  WINDOW_ROWS,
  CREDIT_ROWS,
  MESSAGE_ROWS,
  FIELD_ROWS,
  CONTROL_DATA_ROWS,
  TABLE_ROWS,
  REPRESENTATION_ROWS,
  PRIORITY_ROWS,
  SEMANTICS_ROWS,
];

export const ALL_H2_ROWS: readonly H2Row[] = H2_SECTION_GROUPS.flatMap((group) => group.rows);
