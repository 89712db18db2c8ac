/** To whom a root's `404.html` is shown. */
import { expect, test } from "bun:test";
import { becauseOf } from "../../../src/site/rules/because.ts";
import { compileAuth, compileDeny } from "../../../src/site/rules/guard.ts";
import { notFoundPageFor } from "../../../src/site/rules/not-found-page.ts";

const because = becauseOf("basic_auth", 0);
const guard = (path: string) => compileAuth({ path, realm: "r", users: [] }, because);
const on = { denials: [], guards: [], pageSuffixes: [], notFoundPage: { value: true, because } };

test("to everyone, unless it is turned off, denied or guarded", () => {
  expect(notFoundPageFor(on, [])).toBe("/404.html");
  expect(notFoundPageFor({ ...on, notFoundPage: { value: false, because } }, [])).toBeNull();
  expect(
    notFoundPageFor({ ...on, denials: [compileDeny({ path: "/404.html", status: 403 }, because)] }, []),
  ).toBeNull();
  expect(notFoundPageFor({ ...on, guards: [guard("/private/*")] }, [])).toBe("/404.html");
});

test("behind a guard, to those who have passed it", () => {
  const whole = guard("/*");
  const rules = { ...on, guards: [whole] };
  expect(notFoundPageFor(rules, [])).toBeNull();
  expect(notFoundPageFor(rules, [guard("/*")])).toBeNull();
  expect(notFoundPageFor(rules, [whole])).toBe("/404.html");
});
