/**
 * lighttpd: one process, epoll, sendfile for what isn't small, its cache of file metadata. It takes no more connections than half
 * its descriptors.
 *
 * Source: redmine.lighttpd.net/projects/lighttpd/wiki/Docs_Performance.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Certificate } from "../certificate.ts";
import { firstLineOf, type Contender } from "../contender.ts";

function secure({ certificate, key }: Certificate): string {
  return `ssl.engine = "enable"
ssl.pemfile = "${certificate}"
ssl.privkey = "${key}"
ssl.openssl.ssl-conf-cmd = ("MinProtocol" => "TLSv1.2", "Options" => "+ServerPreference",
  "Ciphersuites" => "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384")`;
}

export const lighttpd: Contender = {
  name: "lighttpd",
  group: "lighttpd",
  title: "lighttpd",
  version: () => firstLineOf(["lighttpd", "-v"]),
  launch({ root, port, folder, descriptors, certificate }) {
    const path = join(folder, "lighttpd.conf");
    const configuration = `
server.modules = (${certificate === null ? "" : '"mod_openssl"'})
server.document-root = "${root}"
server.bind = "127.0.0.1"
server.port = ${port}
server.errorlog = "${folder}/error.log"
server.event-handler = "linux-sysepoll"
server.network-backend = "sendfile"
server.max-fds = ${descriptors}
server.max-connections = ${Math.floor(descriptors / 2)}
server.listen-backlog = 4096
server.defer-accept = 1
server.max-keep-alive-requests = 65535
server.max-keep-alive-idle = 600
server.max-read-idle = 600
server.max-write-idle = 600
server.stat-cache-engine = "simple"
mimetype.assign = ( "" => "application/octet-stream" )
${certificate === null ? "" : secure(certificate)}
`;
    writeFileSync(path, configuration);
    return { command: ["lighttpd", "-D", "-f", path] };
  },
};
