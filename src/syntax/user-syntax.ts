/**
 * Users with their passwords, as `[[basic_auth]]` and `_headers` write them.
 *
 * Out:   predicates, and the words that errors use. Keeps: pure; no password is compared here.
 */

/** RFC 7617 §2: a user name holds no colon. Hashes as `saker hash-password` and `htpasswd -B` make them. */
export const USER_FORM = 'a string such as "name:$argon2id$…", as printed by "saker hash-password NAME"';
export const isUser = (text: string): boolean => isPlausibleUser(text) && isHash(text.slice(text.indexOf(":") + 1));

/** A name, a colon and something after it. */
export const isPlausibleUser = (text: string): boolean => /^[^:\u0000-\u001f\u007f]+:./.test(text);

const ARGON2 = /^\$argon2(?:id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}$/;
const BCRYPT = /^\$2[abxy]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;
const isHash = (text: string): boolean => ARGON2.test(text) || BCRYPT.test(text);
