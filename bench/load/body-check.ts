/**
 * Before anything is timed: does this server answer this workload's requests, octet for octet?
 *
 * In:    a workload, the port of a running server, the document root.
 * Out:   the requests that will be timed (with the server's own validators in them), once every distinct one was answered as the
 *        workload's table says: status, Content-Length, content compared with the file, Content-Range, pipelining in
 *        order, persistence (or the close, where the workload closes).
 * Fails: throws `CheckError` with one sentence; the contender is then left out of the workload.
 */
import { readFileSync, openSync, readSync, closeSync } from "node:fs";
import { join } from "node:path";
import { exchange } from "./plain-client.ts";
import type { ParsedResponse } from "./response-octets.ts";
import { NO_VALIDATORS, getRequest, type Exchange, type LoadWorkload, type Validators } from "./workloads.ts";

export class CheckError extends Error {}

const CLOSE_WAIT_MS = 2000;
const TOGETHER = 50;

/** Says what is wrong with the response, or null if nothing is. */
export function findMistake(expected: Exchange, response: ParsedResponse, content: Uint8Array | null): string | null {
  const line = expected.request.slice(0, expected.request.indexOf("\r\n"));
  if (response.status !== expected.status) return `${line}: status ${response.status}, expected ${expected.status}`;
  if (content === null) return null;
  if (response.content.length !== content.length) {
    return `${line}: ${response.content.length} octets of content, expected ${content.length}`;
  }
  if (Buffer.compare(response.content, content) !== 0) return `${line}: content differs from the file`;
  if (response.status !== 206) return null;
  const range = `bytes ${expected.first}-${expected.first + expected.octets - 1}/${expected.file?.octets}`;
  const told = response.fields.get("content-range");
  return told === range ? null : `${line}: Content-Range ${told ?? "missing"}, expected ${range}`;
}

function readContent(root: string, { file, first, octets }: Exchange): Uint8Array | null {
  if (file === null) return null;
  if (octets === 0) return new Uint8Array(0);
  if (first === 0 && octets === file.octets) return readFileSync(join(root, file.name));
  const content = new Uint8Array(octets);
  const fd = openSync(join(root, file.name), "r");
  readSync(fd, content, 0, octets, first);
  closeSync(fd);
  return content;
}

async function fetchValidators({ validate, listener }: LoadWorkload, port: number): Promise<Validators> {
  if (validate === null) return NO_VALIDATORS;
  const { responses } = await exchange(port, getRequest(port, validate.name), 1, { isSecure: listener === "https" });
  const fields = responses[0]!.fields;
  const validators = {
    entityTag: fields.get("etag") ?? null,
    lastModified: fields.get("last-modified") ?? null,
  };
  if (validators.entityTag === null && validators.lastModified === null) {
    throw new CheckError(`/${validate.name}: neither ETag nor Last-Modified`);
  }
  return validators;
}

/** Sends one exchange as often as the workload pipelines it, and at least twice on one connection unless that closes. */
async function checkExchange(
  workload: LoadWorkload,
  port: number,
  expected: Exchange,
  content: Uint8Array | null,
): Promise<void> {
  const small = expected.octets <= 1024 * 1024;
  const count = workload.closes ? 1 : Math.max(workload.pipelined, small && workload.sequence === null ? 2 : 1);
  const answer = await exchange(port, expected.request.repeat(count), count, {
    closeWaitMs: workload.closes ? CLOSE_WAIT_MS : 0,
    isSecure: workload.listener === "https",
  });
  for (const response of answer.responses) {
    const mistake = findMistake(expected, response, content);
    if (mistake !== null) throw new CheckError(mistake);
  }
  if (workload.closes && !answer.closed) throw new CheckError("the connection stays open after Connection: close");
}

/** The exchanges to be timed, all of them checked. */
export async function checkWorkload(workload: LoadWorkload, port: number, root: string): Promise<Exchange[]> {
  try {
    const exchanges = workload.exchanges(port, await fetchValidators(workload, port));
    for (let index = 0; index < exchanges.length; index += TOGETHER) {
      const some = exchanges.slice(index, index + TOGETHER);
      await Promise.all(some.map((one) => checkExchange(workload, port, one, readContent(root, one))));
    }
    return exchanges;
  } catch (error) {
    if (error instanceof CheckError) throw error;
    throw new CheckError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
