/**
 * The way to an authority over HTTPS.
 *
 * In:    who we say we are, authorities of TLS to trust beside those that everybody does.
 * Out:   a Transport (transport.ts).
 * Keeps: an answer has a time and a size; a redirect isn't followed: a signature is for one address (RFC 8555 §6.4).
 * Fails: AcmeError of kind `unreachable`, with what is wrong: the name, the connection, the certificate, the time.
 */
import { rootCertificates } from "node:tls";
import { AcmeError } from "./acme-error.ts";
import { clean } from "./problem.ts";
import type { AcmeRequest, AcmeResponse, Transport } from "./transport.ts";

const ANSWER_MS_MAX = 30_000;
const ANSWER_OCTETS_MAX = 1024 * 1024;

export interface FetchOptions {
  /** RFC 8555 §6.1 wants clients to say who they are. */
  readonly userAgent: string;
  /** PEM; null trusts what everybody does. */
  readonly authorities: string | null;
  readonly answerMsMax?: number;
}

export function fetchTransport({ userAgent, authorities, answerMsMax = ANSWER_MS_MAX }: FetchOptions): Transport {
  const tls = authorities === null ? {} : { tls: { ca: [...rootCertificates, authorities] } };
  return async (request) => {
    const { hostname } = new URL(request.url);
    try {
      return await exchange(request, userAgent, tls, AbortSignal.timeout(answerMsMax));
    } catch (error) {
      if (error instanceof AcmeError) throw error;
      throw new AcmeError("unreachable", `${hostname} can't be reached: ${reasonOf(error, answerMsMax)}`, {
        cause: error,
      });
    }
  };
}

async function exchange(
  { method, url, content }: AcmeRequest,
  userAgent: string,
  tls: object,
  signal: AbortSignal,
): Promise<AcmeResponse> {
  const response = await fetch(url, {
    method,
    body: content,
    headers: {
      "User-Agent": userAgent,
      "Accept-Language": "en",
      ...(content === null ? {} : { "Content-Type": "application/jose+json" }),
    },
    redirect: "manual",
    signal,
    ...tls,
  });
  return { status: response.status, headers: response.headers, content: await readText(response) };
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let octets = 0;
  for await (const piece of response.body ?? []) {
    octets += piece.length;
    if (octets > ANSWER_OCTETS_MAX)
      throw new AcmeError("garbled", `${new URL(response.url).hostname} answers without end`);
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}

function reasonOf(error: unknown, answerMsMax: number): string {
  const { name, code, message } = error as Error & { code?: string };
  if (name === "TimeoutError") return `no answer within ${answerMsMax / 1000} s`;
  const text = clean(message);
  return code === undefined || code === "" || text.includes(code) ? text : `${text} (${code})`;
}
