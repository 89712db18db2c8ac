/**
 * Invariants of saker's own: what holds whatever a client, a file or a setting does. One that fails is a bug; the connection
 * that met it ends, and the error log says which it was. Never used for what a peer could bring about: that has a status.
 */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${invariant}`);
}
