/**
 * An authority that is a function: it checks what clients must do (RFC 8555 §6), issues real certificates, and does wrong what a
 * test asks it to.
 *
 * In:    requests, `fault` which may answer in its place, habits that can be set.
 * Out:   responses; everything that was asked.
 * Keeps: no network and no time of its own. A request that RFC 8555 forbids is an exception, which fails the test.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import type { AcmeRequest, AcmeResponse, Clock, Transport } from "../../../../src/tls/acme/transport.ts";
import { AcmeError } from "../../../../src/tls/acme/acme-error.ts";
import { derValues } from "../../../../src/tls/x509/der-reader.ts";
import * as der from "../../../../src/tls/x509/der.ts";
import { generalName } from "../../../../src/tls/x509/general-name.ts";
import { toPem } from "../../../../src/tls/pem.ts";

/** A clock that moves when somebody sleeps. */
export class FakeClock implements Clock {
  readonly slept: number[] = [];

  constructor(public nowMs = Date.now()) {}

  now(): number {
    return this.nowMs;
  }

  async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.nowMs += ms;
  }
}

const BASE = "https://acme.example";
export const DIRECTORY = `${BASE}/directory`;

const DAY_MS = 86_400_000;

interface FakeOrder {
  readonly names: readonly string[];
  readonly replaces: string | undefined;
  status: string;
  certificate: string | null;
}

interface FakeAuthorization {
  readonly name: string;
  status: string;
}

export interface Asked {
  readonly path: string;
  readonly method: string;
  /** Null for POST-as-GET, and for what isn't signed. */
  readonly payload: Record<string, unknown> | null;
}

type Fault = (path: string, asked: Asked) => Partial<AcmeResponse> | "down" | null;

export class FakeAuthority {
  readonly asked: Asked[] = [];
  /** Answers in the authority's place. */
  fault: Fault = () => null;
  /** Names that validations don't succeed for. */
  readonly unreachable = new Set<string>();
  lifetimeMs = 90 * DAY_MS;
  /** Of certificates; null leaves them as they should be. */
  issuedNames: readonly string[] | null = null;
  ownKey = false;
  terms: string | null = `${BASE}/terms`;
  profiles: Record<string, string> | undefined;
  /** Null: the authority has no renewal information. */
  window: { start: string; end: string } | null = null;
  knowsReplaced = true;
  private readonly nonces = new Set<string>();
  private readonly orders: FakeOrder[] = [];
  private readonly authorizations: FakeAuthorization[] = [];
  private readonly key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

  constructor(readonly clock: FakeClock) {}

  readonly transport: Transport = async (request) => {
    const path = new URL(request.url).pathname;
    const asked = { path, method: request.method, payload: this.payloadOf(request) };
    this.asked.push(asked);
    const fault = this.fault(path, asked);
    if (fault === "down") throw new AcmeError("unreachable", "acme.example can't be reached: refused");
    const response =
      fault === null ? this.answer(path, asked) : { status: 200, headers: new Headers(), content: "", ...fault };
    const headers = new Headers(response.headers as Headers);
    if (request.method !== "GET" && !headers.has("Replay-Nonce")) headers.set("Replay-Nonce", this.newNonce());
    return { ...response, headers };
  };

  paths(): string[] {
    return this.asked.map(({ path }) => path);
  }

  /** What was ordered. */
  ordered(): readonly { readonly names: readonly string[]; readonly replaces: string | undefined }[] {
    return this.orders;
  }

  private answer(path: string, { payload }: Asked): AcmeResponse {
    const [, kind, number] = /^\/([a-z-]+)(?:\/(.+))?$/.exec(path) ?? [];
    const index = Number(number);
    switch (kind) {
      case "directory":
        return json(200, this.directory());
      case "nonce":
        return json(200, {});
      case "account":
        return json(201, { status: "valid" }, { Location: `${BASE}/account/1` });
      case "new-order":
        return this.placeOrder(payload!);
      case "order":
        return json(200, this.orderAt(index));
      case "authorization":
        if (payload?.status === "deactivated") this.authorizations[index]!.status = "deactivated";
        return json(200, this.authorizationAt(index));
      case "challenge": {
        const authorization = this.authorizations[index]!;
        authorization.status = this.unreachable.has(authorization.name) ? "invalid" : "valid";
        return json(200, {});
      }
      case "finalize":
        return this.finalize(index, String(payload!.csr));
      case "certificate":
        return { status: 200, headers: new Headers(), content: this.orders[index]!.certificate! };
      case "revoke":
        return json(200, {});
      case "renewal-info":
        return json(200, { suggestedWindow: this.window }, { "Retry-After": "21600" });
      default:
        return problem(404, "malformed", `there is no ${path}`);
    }
  }

  private directory(): object {
    return {
      newNonce: `${BASE}/nonce`,
      newAccount: `${BASE}/account`,
      newOrder: `${BASE}/new-order`,
      revokeCert: `${BASE}/revoke`,
      ...(this.window === null ? {} : { renewalInfo: `${BASE}/renewal-info` }),
      meta: { ...(this.terms === null ? {} : { termsOfService: this.terms }), profiles: this.profiles },
    };
  }

  private placeOrder({ identifiers, replaces }: Record<string, unknown>): AcmeResponse {
    if (replaces !== undefined && !this.knowsReplaced) return problem(409, "alreadyReplaced", "it has a successor");
    const names = (identifiers as { value: string }[]).map(({ value }) => value);
    const order = { names, replaces: replaces as string | undefined, status: "pending", certificate: null };
    this.orders.push(order);
    const index = this.orders.length - 1;
    return json(201, this.orderAt(index), { Location: `${BASE}/order/${index}` });
  }

  private orderAt(index: number): object {
    const order = this.orders[index]!;
    const authorizations = order.names.map((name) => this.authorizationFor(name));
    const statuses = authorizations.map((number) => this.authorizations[number]!.status);
    if (order.status === "pending" && statuses.every((status) => status === "valid")) order.status = "ready";
    if (order.status === "pending" && statuses.some((status) => status !== "valid" && status !== "pending"))
      order.status = "invalid";
    return {
      status: order.status,
      authorizations: authorizations.map((number) => `${BASE}/authorization/${number}`),
      finalize: `${BASE}/finalize/${index}`,
      ...(order.certificate === null ? {} : { certificate: `${BASE}/certificate/${index}` }),
    };
  }

  /** One that is valid is used again. */
  private authorizationFor(value: string): number {
    const name = value.replace("*.", "");
    const known = this.authorizations.findIndex(
      ({ name: other, status }) => other === name && status !== "deactivated",
    );
    if (known !== -1 && this.authorizations[known]!.status !== "invalid") return known;
    if (known !== -1 && this.orders.at(-1)!.status !== "pending") return known;
    this.authorizations.push({ name, status: "pending" });
    return this.authorizations.length - 1;
  }

  private authorizationAt(index: number): object {
    const { name, status } = this.authorizations[index]!;
    const token = createHash("sha256").update(`${index}`).digest("base64url");
    const failed = { type: "urn:ietf:params:acme:error:connection", detail: `can't connect to ${name}` };
    const challenges = ["http-01", "dns-01", "tls-alpn-01"].map((type) => ({
      type,
      token,
      url: `${BASE}/challenge/${index}`,
      status,
      ...(status === "invalid" ? { error: failed } : {}),
    }));
    return { identifier: { type: "dns", value: name }, status, challenges };
  }

  private finalize(index: number, request: string): AcmeResponse {
    const order = this.orders[index]!;
    if (order.status !== "ready") return problem(403, "orderNotReady", `the order is ${order.status}`);
    const [whole] = derValues(Buffer.from(request, "base64url"));
    const [info] = derValues(whole!.content);
    const publicKeyInfo = Buffer.from(derValues(info!.content)[2]!.whole);
    order.certificate = this.certificateFor(this.issuedNames ?? order.names, publicKeyInfo);
    order.status = "valid";
    return json(200, this.orderAt(index));
  }

  private certificateFor(names: readonly string[], publicKeyInfo: Buffer): string {
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
    const publicKey = this.ownKey ? (other.export({ type: "spki", format: "der" }) as Buffer) : publicKeyInfo;
    const startMs = this.clock.nowMs - 3_600_000;
    return certificate(this.key, names, publicKey, startMs, startMs + this.lifetimeMs);
  }

  private newNonce(): string {
    const nonce = randomBytes(12).toString("base64url");
    this.nonces.add(nonce);
    return nonce;
  }

  /** What RFC 8555 §6.2 to §6.5 demand of each POST. */
  private payloadOf({ method, url, content }: AcmeRequest): Record<string, unknown> | null {
    if (method !== "POST") return null;
    const { protected: head, payload, signature } = JSON.parse(content!) as Record<string, string>;
    const header = JSON.parse(Buffer.from(head!, "base64url").toString()) as Record<string, unknown>;
    if (header.url !== url) throw new Error(`signed for ${header.url}, sent to ${url}`);
    if (header.alg !== "ES256" || (header.jwk === undefined) === (header.kid === undefined))
      throw new Error("badly signed");
    if (!this.nonces.delete(String(header.nonce))) throw new Error("a nonce that wasn't given out, or a second time");
    if (Buffer.from(signature!, "base64url").length !== 64) throw new Error("no ES256 signature");
    return payload === ""
      ? null
      : (JSON.parse(Buffer.from(payload!, "base64url").toString()) as Record<string, unknown>);
  }
}

export function json(status: number, value: object, headers: Record<string, string> = {}): AcmeResponse {
  return {
    status,
    headers: new Headers({ "Content-Type": "application/json", ...headers }),
    content: JSON.stringify(value),
  };
}

export function problem(
  status: number,
  type: string,
  detail: string,
  headers: Record<string, string> = {},
): AcmeResponse {
  const content = JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail });
  return { status, headers: new Headers({ "Content-Type": "application/problem+json", ...headers }), content };
}

/** A certificate for a key whose private half isn't known here (RFC 5280 §4.1). */
function certificate(
  issuer: KeyObject,
  names: readonly string[],
  publicKeyInfo: Buffer,
  startMs: number,
  endMs: number,
): string {
  const algorithm = der.sequence(der.objectIdentifier("1.2.840.10045.4.3.2"));
  const nameOf = (text: string): Buffer =>
    der.sequence(der.setOf(der.sequence(der.objectIdentifier("2.5.4.3"), der.utf8String(text))));
  const extension = (id: string, value: Buffer): Buffer =>
    der.sequence(der.objectIdentifier(id), der.octetString(value));
  const extensions = der.sequence(
    extension("2.5.29.17", der.sequence(...names.map(generalName))),
    extension("2.5.29.35", der.sequence(der.context(0, Buffer.from("the key of the fake")))),
  );
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Buffer.of(2))),
    der.integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    algorithm,
    nameOf("Fake Authority"),
    der.sequence(der.time(startMs), der.time(endMs)),
    nameOf(names[0]!),
    publicKeyInfo,
    der.explicit(3, extensions),
  );
  return toPem("CERTIFICATE", der.sequence(toBeSigned, algorithm, der.bitString(sign("sha256", toBeSigned, issuer))));
}
