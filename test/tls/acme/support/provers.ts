/**
 * Provers for tests of the client alone: what they show is in a Map, which a server of the test's own shows.
 */
import {
  type ChallengeType,
  type Proof,
  type Prover,
  recordNameOf,
  recordValueOf,
} from "../../../../src/tls/acme/proof.ts";
import type { Journal, Unfinished } from "../../../../src/tls/acme/issuance.ts";
import type { Pebble } from "./pebble.ts";

/** By token. */
export class ShownProofs implements Prover {
  readonly shown = new Map<string, Proof>();

  constructor(readonly type: ChallengeType) {}

  async present(proof: Proof): Promise<void> {
    this.shown.set(proof.token, proof);
  }

  async withdraw({ token }: Proof): Promise<void> {
    this.shown.delete(token);
  }
}

/** A server on a free port that shows the key authorizations of http-01. */
export function serveProofs({ shown }: ShownProofs, port = 0) {
  return Bun.serve({
    hostname: "127.0.0.1",
    port,
    fetch(request) {
      const token = new URL(request.url).pathname.replace("/.well-known/acme-challenge/", "");
      const proof = shown.get(token);
      return proof === undefined ? new Response("", { status: 404 }) : new Response(proof.keyAuthorization);
    },
  });
}

/** Writes TXT records into pebble's name server. */
export class TxtProver implements Prover {
  readonly type = "dns-01";

  constructor(private readonly pebble: Pebble) {}

  async present({ name, keyAuthorization }: Proof): Promise<void> {
    await this.pebble.addTxt(recordNameOf(name), recordValueOf(keyAuthorization));
  }

  async withdraw({ name }: Proof): Promise<void> {
    await this.pebble.clearTxt(recordNameOf(name));
  }
}

export class MemoryJournal implements Journal {
  entry: Unfinished | null = null;

  async read(): Promise<Unfinished | null> {
    return this.entry;
  }

  async write(entry: Unfinished): Promise<void> {
    this.entry = entry;
  }
}
