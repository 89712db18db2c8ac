/**
 * `Bun.serve` at its best, in a process of its own: `bun bun-serve-process.ts PORT ROOT`.
 *
 * Static routes (content in memory, head composed once, ETag answered with 304 without entering JavaScript) for files up to
 * 64 KiB; file routes (`Bun.file`) for larger ones and for ranges, which static routes don't answer; a static wildcard for
 * what isn't there.
 */
import { join } from "node:path";
import { FILES, ZIPF_COUNT, zipfFile, type ServedFile } from "../document-root.ts";

const port = Number(process.argv[2]);
const root = process.argv[3] ?? "";

async function staticRoute({ name }: ServedFile): Promise<[string, Response]> {
  const content = await Bun.file(join(root, name)).bytes();
  const headers: Record<string, string> = { "Content-Type": "application/octet-stream" };
  // Bun closes when asked to, but doesn't say so (RFC 9112 §9.6), which wrk takes for a failure.
  if (name === FILES.once.name) headers.Connection = "close";
  return [`/${name}`, new Response(content, { headers })];
}

function fileRoute({ name }: ServedFile): [string, Response] {
  return [`/${name}`, new Response(Bun.file(join(root, name)))];
}

const inMemory: ServedFile[] = [FILES.hot, FILES.unchanged, FILES.once, FILES.medium];
for (let index = 0; index < ZIPF_COUNT; index++) inMemory.push(zipfFile(index));

const routes = Object.fromEntries([
  ...(await Promise.all(inMemory.map(staticRoute))),
  ...[FILES.large, FILES.giant, FILES.part].map(fileRoute),
  ["/*", new Response("Not Found", { status: 404 })] as [string, Response],
]);

Bun.serve({ hostname: "127.0.0.1", port, idleTimeout: 255, development: false, routes });
