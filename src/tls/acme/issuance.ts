/**
 * One certificate, from the wish to the chain in hand (RFC 8555 §7.4).
 *
 *     order ─► authorizations ─► certificate request ─► certificate ─► its chain, checked
 *
 * In:    a session with an account, the wish, a prover, and a journal.
 * Out:   chain and key in PEM, which belong together and are for the names.
 * Keeps: key and order are in the journal before anything depends on them. So a process that dies on the way, or can't store
 *        what it got, goes on with the same order: nothing is ordered twice. A journal that can't be written ends the attempt before
 *        anything is ordered.
 */
import { certificateRequest } from "../x509/certificate-request.ts";
import { newKey, pemOfKey } from "../x509/signature.ts";
import { AcmeError } from "./acme-error.ts";
import { proveAll } from "./authorization.ts";
import { type ChainWish, downloadChain } from "./certificate-chain.ts";
import { awaitOrder, failedOrder, fetchOrder, finalize, type Order, type OrderWish, placeOrder } from "./order.ts";
import type { Prover } from "./proof.ts";
import type { AcmeSession } from "./session.ts";

export interface IssuanceWish extends OrderWish, ChainWish {}

/** An order that is under way. */
export interface Unfinished {
  /** What was ordered; another wish is another order. */
  readonly wish: OrderWish;
  readonly directory: string;
  /** Of the certificate; PKCS #8 in PEM. */
  readonly key: string;
  /** Null until it is placed. */
  readonly order: string | null;
}

export interface Journal {
  read(): Promise<Unfinished | null>;
  /** Rejects when it isn't stored. */
  write(entry: Unfinished): Promise<void>;
}

export interface Issued {
  readonly chain: string;
  readonly key: string;
}

export async function issue(
  session: AcmeSession,
  wish: IssuanceWish,
  prover: Prover,
  journal: Journal,
): Promise<Issued> {
  const { key, order: begun } = await begin(session, wish, journal);
  const order = await prove(session, begun, prover);
  const chain = await conclude(session, order, wish, key);
  return { chain, key };
}

/** The order of before, if it can still come to a good end, or a new one. */
async function begin(
  session: AcmeSession,
  wish: IssuanceWish,
  journal: Journal,
): Promise<{ key: string; order: Order }> {
  const { directoryUrl: directory } = session.parts;
  const orderWish = { names: wish.names, profile: wish.profile, replaces: wish.replaces };
  const before = await journal.read();
  const isSame = before !== null && before.directory === directory && Bun.deepEquals(before.wish, orderWish);
  if (isSame && before.order !== null) {
    const order = await resume(session, before.order);
    if (order !== null) return { key: before.key, order };
  }
  const entry = { wish: orderWish, directory, key: pemOfKey(newKey()), order: null };
  await journal.write(entry);
  const order = await placeOrder(session, orderWish);
  await journal.write({ ...entry, order: order.url });
  return { key: entry.key, order };
}

async function resume(session: AcmeSession, url: string): Promise<Order | null> {
  try {
    const order = await fetchOrder(session, url);
    return order.status === "invalid" ? null : order;
  } catch (error) {
    // It has expired, and the authority has forgotten it.
    if (error instanceof AcmeError && error.kind !== "unreachable") return null;
    throw error;
  }
}

async function prove(session: AcmeSession, order: Order, prover: Prover): Promise<Order> {
  if (order.status !== "pending") return order;
  await proveAll(session, order.authorizations, prover);
  return await awaitOrder(session, order.url, ["pending"]);
}

async function conclude(session: AcmeSession, order: Order, wish: IssuanceWish, key: string): Promise<string> {
  if (order.status === "ready") await finalize(session, order, certificateRequest(wish.names, key));
  const done =
    order.status === "valid" ? order : await awaitOrder(session, order.url, ["ready", "processing", "pending"]);
  if (done.status !== "valid" || done.certificate === null) throw failedOrder(done);
  return await downloadChain(session, done.certificate, wish, key);
}
