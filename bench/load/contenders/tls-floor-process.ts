/**
 * What runs as the floor of TLS: `bun tls-floor-process.ts PORT CERTIFICATE KEY ROOT NAME`. Requests for that one file are answered by
 * octets that are ready in memory: it parses nothing, and knows how many there are by their length.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getRequest } from "../workloads.ts";

const [, , port, certificate = "", key = "", root = "", name = ""] = process.argv;
const content = readFileSync(join(root, name));
const requestOctets = getRequest(Number(port), name).length;
const head = `HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: ${content.length}\r\n\r\n`;
const answer = Buffer.concat([Buffer.from(head, "latin1"), content]);

Bun.listen({
  hostname: "127.0.0.1",
  port: Number(port),
  allowHalfOpen: true,
  tls: { cert: readFileSync(certificate), key: readFileSync(key) },
  socket: {
    data(socket, octets) {
      for (let rest = octets.length; rest > 0; rest -= requestOctets) socket.write(answer);
    },
    end: (socket) => void socket.shutdown(),
    error() {},
  },
});
