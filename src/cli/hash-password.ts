/**
 * `saker hash-password NAME`: the line that `users` of `[[basic_auth]]` takes.
 *
 * In:    a name; the password, asked for twice on a terminal without showing it, or the first line of standard input.
 * Out:   `name:$argon2id$…` on standard output.
 * Keeps: a password is never an argument: every user of the machine could read it there, and a shell would remember it.
 */
import { parseArguments } from "../config/arguments.ts";
import { isUser } from "../syntax/user-syntax.ts";
import { CommandError, ExitCode, type Invocation } from "./command.ts";
import { print } from "./output.ts";

/**
 * The minimum that OWASP recommends (Password Storage Cheat Sheet, 2024): 19 MiB, two passes. A server may check several at a
 * time.
 */
const HASHING = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

/** Longer ones are a mistake, such as a file. */
const PASSWORD_LENGTH_MAX = 1024;

export async function run({ argv }: Invocation): Promise<number> {
  const [name, extra] = parseArguments(argv, [], []).positionals;
  if (name === undefined) throw new CommandError("no user name; usage: saker hash-password NAME", ExitCode.Usage);
  if (extra !== undefined) {
    throw new CommandError(
      "the password is not an argument, where others could see it: saker asks for it",
      ExitCode.Usage,
    );
  }
  if (!/^[^:\u0000-\u001f\u007f]+$/.test(name)) {
    throw new CommandError("a name must not contain colons or control characters", ExitCode.Usage);
  }
  const password = process.stdin.isTTY ? await askTwice(name) : await readLine();
  checkPassword(password);
  const user = `${name}:${await Bun.password.hash(password, HASHING)}`;
  if (!isUser(user)) throw new CommandError("internal error: the configuration would not accept this hash");
  await print(`${user}\n`);
  return ExitCode.Good;
}

function checkPassword(password: string): void {
  if (password === "") throw new CommandError("the password is empty");
  if (password.length > PASSWORD_LENGTH_MAX) throw new CommandError("the password is too long");
  // RFC 7617 §2: they can't be sent.
  if (/[\u0000-\u001f\u007f]/.test(password)) throw new CommandError("a password must not contain control characters");
}

/** The first line of standard input. */
async function readLine(): Promise<string> {
  const text = await Bun.stdin.text();
  return text.split(/\r?\n/, 1)[0]!;
}

async function askTwice(name: string): Promise<string> {
  const first = await ask(`Password of ${name}: `);
  const second = await ask("Once more: ");
  if (first !== second) throw new CommandError("the passwords do not match");
  return first;
}

/** Asks on the terminal, without showing what is typed. */
async function ask(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  stdin.resume();
  try {
    return await typedLine();
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}

function typedLine(): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let line = "";
  const onData = (text: string): void => {
    for (const character of text) {
      if (character === "\r" || character === "\n" || character === "\u0004") return resolve(line);
      if (character === "\u0003") return reject(new CommandError("nothing was made"));
      if (character === "\u007f" || character === "\b") line = [...line].slice(0, -1).join("");
      else line += character;
    }
  };
  process.stdin.on("data", onData);
  return promise.finally(() => process.stdin.off("data", onData));
}
