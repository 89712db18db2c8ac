/**
 * The key of an account with a certificate authority, and what it signs (RFC 7515, RFC 7518 §3.4, RFC 7638).
 *
 * Out:   ECDSA keys on P-256; their form in PEM (PKCS #8) for storage; the thumbprint that key authorizations end with
 *        (RFC 8555 §8.1).
 * Keeps: the private key leaves this file only in the text of `pemOf`.
 */
import { toBase64Url } from "./base64url.ts";
import { derOf, privateKeyBlock, toPem } from "../pem.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;

/** A public key (RFC 7517), members in the order that RFC 7638 §3.2 prescribes. */
export interface PublicJwk {
  readonly crv: string;
  readonly kty: string;
  readonly x: string;
  readonly y: string;
}

export class AccountKey {
  private constructor(
    private readonly key: CryptoKey,
    readonly jwk: PublicJwk,
    /** SHA-256 of the public key, base64url. */
    readonly thumbprint: string,
  ) {}

  static async generate(): Promise<AccountKey> {
    const { privateKey } = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    return AccountKey.of(privateKey);
  }

  /** Rejects when the text holds no private key on P-256. */
  static async fromPem(text: string): Promise<AccountKey> {
    const block = privateKeyBlock(text);
    if (block === null) throw new Error("holds no private key");
    const der = Buffer.from(derOf(block.text));
    return AccountKey.of(await crypto.subtle.importKey("pkcs8", der, ALGORITHM, true, ["sign"]));
  }

  private static async of(key: CryptoKey): Promise<AccountKey> {
    const { crv = "", kty = "", x = "", y = "" } = await crypto.subtle.exportKey("jwk", key);
    const jwk = { crv, kty, x, y };
    const digest = await crypto.subtle.digest("SHA-256", Buffer.from(JSON.stringify(jwk)));
    return new AccountKey(key, jwk, toBase64Url(new Uint8Array(digest)));
  }

  async pemOf(): Promise<string> {
    return toPem("PRIVATE KEY", new Uint8Array(await crypto.subtle.exportKey("pkcs8", this.key)));
  }

  /** ES256: r and s, 32 octets each. */
  async sign(input: string): Promise<Uint8Array> {
    return new Uint8Array(await crypto.subtle.sign(SIGNATURE, this.key, Buffer.from(input)));
  }
}
