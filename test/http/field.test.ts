import { expect, test } from "bun:test";
import { FIELD_NAME, Field, candidateField, isFieldNamed, recogniseField } from "../../src/http/field.ts";
import { octets } from "./support/octets.ts";
import { Random } from "./support/random.ts";

/**
 * As the field section does it: the name lies between other octets and is followed by ":"; and as names are recognised that
 * anything may follow.
 */
function recognise(name: string): Field {
  const bytes = octets(`\n${name}: value`);
  const candidate = candidateField(bytes, 1, 1 + name.length);
  const isIt = candidate !== Field.count && isFieldNamed(bytes, 1, 1 + name.length, candidate);
  const field = isIt ? candidate : Field.count;
  for (const next of [":", "x", "-", "\0"]) {
    expect(recogniseField(octets(`:${name}${next}`), 1, 1 + name.length)).toBe(field);
  }
  return field;
}

const capitalised = (name: string) => name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());

test("every field has the name of its member", () => {
  expect(FIELD_NAME.length).toBe(Field.count);
  FIELD_NAME.forEach((name, field) => {
    expect(capitalised(name).replaceAll("-", "")).toBe(Field[field]!);
  });
});

test.each(FIELD_NAME.map((name, field) => [name, field] as const))("%s is recognised in any case", (name, field) => {
  for (const spelling of [name, capitalised(name), name.toUpperCase()]) expect(recognise(spelling)).toBe(field);
});

test.each(FIELD_NAME)("what is nearly %s is another name", (name) => {
  const last = name.length - 1;
  const others = [
    name.slice(0, last),
    name.slice(1),
    `${name}${name[last]}`,
    `${name[0]}${name}`,
    `x-${name}`,
    `${name}-x`,
    ...Array.from(name, (_, index) => `${name.slice(0, index)}~${name.slice(index + 1)}`),
    ...Array.from(name, (_, index) => `${name.slice(0, index)}0${name.slice(index + 1)}`),
  ];
  for (const other of others) {
    if (!FIELD_NAME.includes(other)) expect([other, Field[recognise(other)]]).toEqual([other, "count"]);
  }
});

test("names that share length, first and last octet with a known one are other names", () => {
  const random = new Random(1);
  for (const name of FIELD_NAME) {
    const middle = random.text("abcdefghijklmnopqrstuvwxyz", name.length - 2);
    const other = name[0]! + middle + name[name.length - 1]!;
    if (!FIELD_NAME.includes(other)) expect(recognise(other)).toBe(Field.count);
  }
});

test("a name of one octet, or a very long one, is none of them", () => {
  for (const name of ["a", "t", "-", "h".repeat(4), `t${"e".repeat(8000)}e`]) expect(recognise(name)).toBe(Field.count);
});
