/**
 * nginx, with sendfile and without: which is cheaper depends on the size, so both run and the better one counts.
 *
 * Settings: one worker, open_file_cache, no access log, no limit of requests per connection, tcp_nopush with sendfile (head
 * and content in one segment). These two are what "nginx" means in the targets.
 *
 * A third, nginx-tuned, goes further where there is further to go, and only takes part there: the cache keeps in mind what isn't there
 * (404), one buffer holds 64 KiB (64 KiB and more by copying), connections are accepted with their first octets there.
 * A group of its own, shown beside the others and judged in rows of its own.
 *
 * Over TLS there is no sendfile: there the second setting is nginx-large-buffers, which reads and encrypts pieces of 128 KiB. Both prefer
 * AES-128-GCM, whatever the client would have (wrk would have AES-256), and no session is resumed from a cache.
 * Source: nginx.org/en/docs/http/ngx_http_core_module.html, ngx_http_ssl_module.html, ngx_http_v2_module.html.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { firstLineOf, type Contender, type Site } from "../contender.ts";

interface Variant {
  sendfile: boolean;
  tuned: boolean;
  /** Pieces in which files are read where sendfile can't be. */
  buffers?: string;
}

/** The address with what it shall speak. `listen … http2` is understood by versions before and after the directive of that name. */
function listen({ port, listener }: Site, isTuned: boolean): string {
  const protocol = { http: "", h2c: " http2", https: " ssl http2" }[listener];
  return `listen 127.0.0.1:${port}${protocol} reuseport backlog=4096${isTuned ? " deferred" : ""};`;
}

function secure({ certificate }: Site): string {
  if (certificate === null) return "";
  return `
  ssl_certificate ${certificate.certificate}; ssl_certificate_key ${certificate.key};
  ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on;
  ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256;
  http2_max_concurrent_streams 256; http2_chunk_size 16k;`;
}

function configuration(site: Site, { sendfile, tuned, buffers = "4 64k" }: Variant): string {
  const { root, folder, descriptors } = site;
  const user = process.getuid?.() === 0 ? "user root;" : "";
  return `
${user}
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log crit;
worker_processes 1;
worker_rlimit_nofile ${descriptors};
events { worker_connections ${descriptors - 200}; use epoll; multi_accept on; accept_mutex off; }
http {
  types { }
  default_type application/octet-stream;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  access_log off; log_not_found off;
  ${sendfile ? "sendfile on; tcp_nopush on;" : "sendfile off;"}
  tcp_nodelay on;
  open_file_cache max=10000 inactive=600s; open_file_cache_valid 600s; open_file_cache_min_uses 1;
  ${tuned ? `open_file_cache_errors on; output_buffers ${buffers};` : ""}
  keepalive_timeout 600s; keepalive_requests 1000000000; reset_timedout_connection on;
  gzip off; server_tokens off; etag on;
  ${secure(site)}
  server { ${listen(site, tuned)} root ${root}; location / { } }
}
`;
}

function nginx(names: Pick<Contender, "name" | "group" | "title" | "onlyFor">, variant: Variant): Contender {
  return {
    ...names,
    version: () => firstLineOf(["nginx", "-v"])?.replace("nginx version: ", "") ?? null,
    launch(site) {
      const path = join(site.folder, "nginx.conf");
      writeFileSync(path, configuration(site, variant));
      return { command: ["nginx", "-p", site.folder, "-c", path] };
    },
  };
}

export const nginxSendfile: Contender = nginx(
  { name: "nginx-sendfile", group: "nginx", title: "nginx, sendfile on" },
  { sendfile: true, tuned: false },
);

export const nginxCopy: Contender = nginx(
  { name: "nginx-copy", group: "nginx", title: "nginx, sendfile off" },
  { sendfile: false, tuned: false },
);

export const nginxTuned: Contender = nginx(
  {
    name: "nginx-tuned",
    group: "nginx-tuned",
    title: "nginx, tuned further",
    onlyFor: ["not-found", "64k", "1m", "close"],
  },
  { sendfile: false, tuned: true },
);

export const nginxLargeBuffers: Contender = nginx(
  { name: "nginx-large-buffers", group: "nginx", title: "nginx, pieces of 128 KiB" },
  { sendfile: false, tuned: true, buffers: "4 128k" },
);
