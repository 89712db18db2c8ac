/** Credentials of the Basic scheme (RFC 7617 §2). */
import { describe, expect, test } from "bun:test";
import { parseBasicCredentials } from "../../src/http/basic-credentials.ts";

const encoded = (text: string, encoding: BufferEncoding = "utf8") => Buffer.from(text, encoding).toString("base64");

describe("reads", () => {
  test.each([
    [`Basic ${encoded("Aladdin:open sesame")}`, "Aladdin", "open sesame"],
    [`basic ${encoded("a:b")}`, "a", "b"],
    [`BASIC   ${encoded("a:b")}`, "a", "b"],
    [`Basic ${encoded("a:b:c:")}`, "a", "b:c:"],
    [`Basic ${encoded(":")}`, "", ""],
    [`Basic ${encoded("a:")}`, "a", ""],
    [`Basic ${encoded("test:123£")}`, "test", "123£"],
    [`Basic ${encoded("tëst:✓")}`, "tëst", "✓"],
    [`Basic ${encoded("test:123£", "latin1")}`, "test", "123£"],
    [`Basic ${encoded("ab:c").replaceAll("=", "")}`, "ab", "c"],
  ])("%s", (value, user, password) => expect(parseBasicCredentials(value)).toEqual({ user, password }));
});

describe("refuses", () => {
  test.each([
    "",
    "Basic",
    "Basic ",
    `Basic${encoded("a:b")}`,
    `Bearer ${encoded("a:b")}`,
    `Basic ${encoded("no colon")}`,
    `Basic ${encoded("a:b\0")}`,
    `Basic ${encoded("a\n:b")}`,
    `Basic ${encoded("a:b\u007f")}`,
    `Basic ${encoded("a:b")} x`,
    `Basic ${encoded("a:b")}, Basic ${encoded("a:b")}`,
    "Basic a",
    "Basic YTpi=====",
    "Basic YT:pi",
    "Basic YTpi\n",
    "Basic YTp_",
  ])("%j", (value) => expect(parseBasicCredentials(value)).toBeNull());
});
