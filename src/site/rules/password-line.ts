/**
 * Lines of `_headers` that ask for a password: `Basic-Auth: name:password other:password`.
 *
 * In:    a line's text.
 * Out:   whether it is about a password; its users, or why it can't be obeyed.
 * Keeps: what looks like such a line, however it is spelled, is one or is refused: a path that somebody meant to close
 *        must not be open because of a slip. What it says is never shown.
 */
import { editDistance } from "../../config/nearest-name.ts";
import { isPlausibleUser } from "../../syntax/user-syntax.ts";
import type { Secret } from "./guard.ts";
import { isDamaged } from "./rule-text.ts";

const NAME = "basic-auth";

/** The name with nothing but its letters. */
const LETTERS = "basicauth";

/** Typing errors in the name. */
const SLIPS_MAX = 1;

/** The name later in the line, as something that has a value. */
const NAME_WITHIN = /basic[^a-z]*auth[^a-z]*[:=]/i;

export function isAboutPassword(text: string): boolean {
  // A path may lead to a page about the matter.
  if (text.startsWith("/")) return NAME_WITHIN.test(text) || /^\S*\s.*basic[^a-z]*auth/i.test(text);
  const [name = ""] = text.split(/[:=]/);
  const words = name.trim().split(/\s+/);
  return NAME_WITHIN.test(text) || [name, words[0]!, words.slice(0, 2).join("")].some(isLikeName);
}

function isLikeName(text: string): boolean {
  const letters = text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^a-z]/g, "");
  if (letters.includes(LETTERS)) return true;
  const isNear = Math.abs(letters.length - LETTERS.length) <= SLIPS_MAX;
  return isNear && editDistance(letters, LETTERS) <= SLIPS_MAX;
}

/** Whether a line holds nothing but users: more of the line above it. */
export function isAllUsers(text: string): boolean {
  return !text.startsWith("/") && text.split(/\s+/).every(isPlausibleUser);
}

/** The users that a line about a password admits, or what is wrong with it. */
export function usersOf(text: string): Map<string, Secret> | string {
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(colon, 0)).trim();
  if (isDamaged(text) || name.toLowerCase() !== NAME)
    return 'this is not how a password is asked for ("Basic-Auth: name:password")';
  const pairs = text
    .slice(colon + 1)
    .trim()
    .split(/\s+/);
  if (!pairs.every(isPlausibleUser)) return 'Basic-Auth needs "name:password", or several of them with spaces between';
  return new Map(
    pairs.map((pair): [string, Secret] => {
      const end = pair.indexOf(":");
      const sha256 = new Bun.CryptoHasher("sha256").update(pair.slice(end + 1)).digest();
      return [pair.slice(0, end), { sha256 }];
    }),
  );
}
