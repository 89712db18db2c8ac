/**
 * h2o: one thread, its cache of open files, no log.
 *
 * Source: h2o.examp1e.net/configure.html.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { firstLineOf, type Contender } from "../contender.ts";

export const h2o: Contender = {
  name: "h2o",
  group: "h2o",
  title: "h2o",
  version: () => firstLineOf(["h2o", "--version"]),
  launch({ root, port, folder, descriptors, certificate }) {
    const path = join(folder, "h2o.yaml");
    const user = process.getuid?.() === 0 ? "user: root\n" : "";
    const secure =
      certificate === null
        ? ""
        : `
  ssl:
    certificate-file: ${certificate.certificate}
    key-file: ${certificate.key}
    cipher-preference: server
    ocsp-update-interval: 0`;
    const configuration = `${user}listen:
  host: 127.0.0.1
  port: ${port}${secure}
num-threads: 1
num-name-resolution-threads: 1
max-connections: ${descriptors - 500}
pid-file: ${folder}/h2o.pid
error-log: ${folder}/error.log
http1-request-timeout: 600
http2-idle-timeout: 600
http2-max-concurrent-requests-per-connection: 256
limit-request-body: 1024
file.send-compressed: OFF
file.etag: ON
hosts:
  default:
    paths:
      /:
        file.dir: ${root}
`;
    writeFileSync(path, configuration);
    return { command: ["h2o", "-m", "worker", "-c", path] };
  },
};
