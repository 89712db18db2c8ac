/**
 * The other servers that the rows about HTTP/2 are played against: over TLS, with the plainest configuration that serves
 * the fixture site and everything else at its defaults.
 */
import { join } from "node:path";
import type { Peer } from "../peer-server.ts";

/** Bun and Node serve no files by themselves: a script of a few lines does, so only their HTTP/2 is judged. */
const engine = (name: string, executable: string, script: string): Peer => ({
  name,
  executable,
  config: () => "",
  command: (executable, _configFile, { site, port, certificate, key }) => [
    executable,
    join(import.meta.dir, "engines", script),
    site,
    String(port),
    certificate,
    key,
  ],
});

export const ENGINES: readonly string[] = ["Bun.serve", "node:http2"];

export const H2_PEERS: readonly Peer[] = [
  {
    name: "nginx",
    executable: "nginx",
    config: ({ site, folder, port, certificate, key }) => `
      daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
      events { worker_connections 1024; }
      http {
        types_hash_max_size 4096; include /etc/nginx/mime.types; default_type application/octet-stream;
        access_log off; sendfile on; gzip on; gzip_vary on; gzip_types text/plain text/css application/json; gzip_static on;
        client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
        uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
        server {
          listen 127.0.0.1:${port} ssl http2; ssl_certificate ${certificate}; ssl_certificate_key ${key};
          root ${site}; index index.html;
        }
      }`,
    command: (executable, configFile, { folder }) => [
      executable,
      "-c",
      configFile,
      "-p",
      folder,
      "-e",
      `${folder}/error.log`,
    ],
  },
  {
    name: "Caddy",
    executable: "caddy",
    config: ({ site, folder, port, certificate, key }) => `
{
	admin off
	auto_https off
	storage file_system ${folder}
	default_sni localhost
}
https://127.0.0.1:${port} {
	bind 127.0.0.1
	tls ${certificate} ${key}
	root * ${site}
	encode zstd gzip
	file_server
}
`,
    command: (executable, configFile) => [executable, "run", "--adapter", "caddyfile", "--config", configFile],
  },
  {
    name: "lighttpd",
    executable: "lighttpd",
    config: ({ site, folder, port, certificate, key }) => `
      server.document-root = "${site}"
      server.bind = "127.0.0.1"
      server.port = ${port}
      server.errorlog = "${folder}/error.log"
      server.modules = ("mod_openssl", "mod_deflate")
      ssl.engine = "enable"
      ssl.pemfile = "${certificate}"
      ssl.privkey = "${key}"
      index-file.names = ("index.html")
      deflate.mimetypes = ("text/", "application/json")
      deflate.allowed-encodings = ("gzip", "br")
      include_shell "/usr/share/lighttpd/create-mime.conf.pl"
    `,
    command: (executable, configFile) => [executable, "-D", "-f", configFile],
  },
  {
    name: "h2o",
    executable: "h2o",
    config: ({ site, port, certificate, key }) => `
num-threads: 1
compress: [gzip, br]
file.send-compressed: ON
listen: { host: 127.0.0.1, port: ${port}, ssl: { certificate-file: ${certificate}, key-file: ${key} } }
hosts:
  default:
    paths:
      "/":
        file.dir: ${site}
`,
    command: (executable, configFile) => [executable, "-m", "worker", "-c", configFile],
  },
  {
    name: "nghttpd",
    executable: "nghttpd",
    config: () => "",
    command: (executable, _configFile, { site, port, certificate, key }) => [
      executable,
      "-a",
      "127.0.0.1",
      "-d",
      site,
      String(port),
      key,
      certificate,
    ],
  },
  engine("Bun.serve", "bun", "bun-serve.ts"),
  engine("node:http2", "node", "node-http2.mjs"),
];
