/** Files by `Bun.serve` over HTTP/2, as plainly as it can be done: `bun bun-serve.ts ROOT PORT CERTIFICATE KEY`. */
import { join, normalize } from "node:path";

const [root, port, certificate, key] = Bun.argv.slice(2) as [string, string, string, string];

const options = {
  hostname: "127.0.0.1",
  port: Number(port),
  http2: true, // Not in the types yet.
  tls: { cert: Bun.file(certificate), key: Bun.file(key) },
  async fetch(request: Request): Promise<Response> {
    const allow = "GET, HEAD";
    if (request.method !== "GET" && request.method !== "HEAD")
      return new Response(null, { status: 405, headers: { allow } });
    const path = normalize(decodeURIComponent(new URL(request.url).pathname));
    const file = Bun.file(join(root, path.endsWith("/") ? `${path}index.html` : path));
    return (await file.exists()) ? new Response(file) : new Response("not found\n", { status: 404 });
  },
};

Bun.serve(options);
