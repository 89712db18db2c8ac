/**
 * The other servers that the rows about HTTP/1.1 are played against.
 *
 * Keeps: configurations are the plainest that serve files: compression and precompressed neighbours on where the server
 *        has them built in, everything else at its defaults.
 */
import type { Peer } from "./peer-server.ts";

export const PEERS: readonly Peer[] = [
  {
    name: "nginx",
    executable: "nginx",
    config: ({ site, folder, port }) => `
      daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
      events { worker_connections 1024; }
      http {
        types_hash_max_size 4096; include /etc/nginx/mime.types; default_type application/octet-stream;
        access_log off; sendfile on; gzip on; gzip_vary on; gzip_types text/plain text/css text/xml application/javascript application/json image/svg+xml; gzip_static on;
        client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
        uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
        server { listen 127.0.0.1:${port}; root ${site}; index index.html; }
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
    config: ({ site, folder, port }) => `
{
	admin off
	auto_https off
	storage file_system ${folder}
}
http://:${port} {
	bind 127.0.0.1
	root * ${site}
	encode zstd gzip
	file_server {
		precompressed zstd br gzip
	}
}
`,
    command: (executable, configFile) => [executable, "run", "--adapter", "caddyfile", "--config", configFile],
  },
  {
    name: "lighttpd",
    executable: "lighttpd",
    config: ({ site, folder, port }) => `
      server.document-root = "${site}"
      server.bind = "127.0.0.1"
      server.port = ${port}
      server.errorlog = "${folder}/error.log"
      server.modules = ("mod_deflate")
      index-file.names = ("index.html")
      deflate.mimetypes = ("text/", "application/json", "image/svg+xml")
      deflate.allowed-encodings = ("gzip", "br", "zstd")
      include_shell "/usr/share/lighttpd/create-mime.conf.pl"
    `,
    command: (executable, configFile) => [executable, "-D", "-f", configFile],
  },
  {
    name: "h2o",
    executable: "h2o",
    config: ({ site, port }) => `
num-threads: 1
compress: [gzip, br]
file.send-compressed: ON
listen: { host: 127.0.0.1, port: ${port} }
hosts:
  default:
    paths:
      "/":
        file.dir: ${site}
`,
    command: (executable, configFile) => [executable, "-m", "worker", "-c", configFile],
  },
];
