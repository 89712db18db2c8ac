/** Files by `node:http2`, as plainly as it can be done: `node node-http2.mjs ROOT PORT CERTIFICATE KEY`. */
import { readFileSync, statSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { join, normalize } from "node:path";

const [root, port, certificate, key] = process.argv.slice(2);
const server = createSecureServer({ cert: readFileSync(certificate), key: readFileSync(key), allowHTTP1: true });

server.on("request", (request, response) => {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD", "content-length": 0 }).end();
    return;
  }
  try {
    const path = normalize(decodeURIComponent(request.url.split("?")[0]));
    const file = join(root, path.endsWith("/") ? `${path}index.html` : path);
    const length = statSync(file).size;
    response.writeHead(200, { "content-length": length });
    response.end(request.method === "HEAD" ? undefined : readFileSync(file));
  } catch {
    response.writeHead(404, { "content-length": 0 }).end();
  }
});
server.on("sessionError", () => {});
server.listen(Number(port), "127.0.0.1");
