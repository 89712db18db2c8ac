/** Every section group of the suite, in the order of the RFCs. */
import type { Row, SectionGroup } from "../row.ts";
import { MESSAGE } from "./9112-2-message.ts";
import { HOST } from "./9112-3-host.ts";
import { REQUEST_LINE } from "./9112-3-request-line.ts";
import { FIELD_SYNTAX } from "./9112-5-field-syntax.ts";
import { MESSAGE_BODY } from "./9112-6-message-body.ts";
import { CHUNKED } from "./9112-7-chunked.ts";
import { CONNECTION } from "./9112-9-connection.ts";
import { IDENTIFIERS } from "./9110-4-identifiers.ts";
import { DATE } from "./9110-6-date.ts";
import { REPRESENTATION } from "./9110-8-representation.ts";
import { METHODS } from "./9110-9-methods.ts";
import { EXPECT } from "./9110-10-expect.ts";
import { NEGOTIATION } from "./9110-12-negotiation.ts";
import { CONDITIONS } from "./9110-13-conditions.ts";
import { RANGES } from "./9110-14-ranges.ts";
import { STATUS } from "./9110-15-status.ts";
import { CACHING } from "./9111-caching.ts";

export const SECTION_GROUPS: readonly SectionGroup[] = [
  MESSAGE,
  REQUEST_LINE,
  HOST,
  FIELD_SYNTAX,
  MESSAGE_BODY,
  CHUNKED,
  CONNECTION,
  IDENTIFIERS,
  DATE,
  REPRESENTATION,
  METHODS,
  EXPECT,
  NEGOTIATION,
  CONDITIONS,
  RANGES,
  STATUS,
  CACHING,
];

export const ALL_ROWS: readonly Row[] = SECTION_GROUPS.flatMap((group) => group.rows);
