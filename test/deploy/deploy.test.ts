/**
 * The files of deploy/, the Dockerfile and .ci/run agree with the server they are for: settings, metrics, ports, times.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { YAML } from "bun";
import manifest from "../../package.json";
import { formatMetrics } from "../../src/admin/metrics.ts";
import { httpsPortOf } from "../../src/config/https.ts";
import { loadSettings } from "../../src/config/load-settings.ts";
import type { Settings } from "../../src/config/settings.ts";
import { readStatistics } from "../../src/stats/reader.ts";
import { serve, TemporarySegment } from "../stats/temporary-segment.ts";

const ROOT = resolve(import.meta.dir, "../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** A document of another program, looked at here only. */
// biome-ignore lint/suspicious/noExplicitAny: its shape is not ours to type
type Document = any;
const parse = (path: string): Document => (path.endsWith(".json") ? JSON.parse(read(path)) : YAML.parse(read(path)));

const folder = mkdtempSync(join(tmpdir(), "saker-deploy-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The settings that the server would have with that file; throws its ConfigError. */
function settingsOf(toml: string): Settings {
  const path = join(folder, "saker.toml");
  writeFileSync(path, toml);
  return loadSettings({ argv: ["--config", path], env: {}, cwd: folder });
}

const DOCUMENTS = [...new Bun.Glob("deploy/**/*.{yaml,json}").scanSync(ROOT)];
test.each(DOCUMENTS)("%s parses", (path) => {
  expect(parse(path)).toBeObject();
});

describe("metrics", () => {
  const metrics = (() => {
    using temporary = new TemporarySegment();
    serve(temporary.ready());
    const certificates = [{ name: "a", notAfterMs: 0, isDue: false }];
    const orders = { ordersIssued: 0, ordersFailed: 0, certificates: [{ name: "a", nextOrderMs: 0, trouble: null }] };
    return formatMetrics(
      readStatistics(temporary.segment),
      { version: "0", commit: "0" },
      0,
      () => 0,
      certificates,
      orders,
    );
  })();
  const names = new Set([...metrics.matchAll(/^([a-z_]+)[ {]/gm)].map((match) => match[1]!));
  /** Prometheus itself adds `instance` and `job`. */
  const labels = new Set(["instance", "job", ...[...metrics.matchAll(/[{,]([a-z_]+)="/g)].map((match) => match[1]!)]);

  const dashboard = parse("deploy/grafana/dashboards/saker.json");
  const queries: [where: string, expression: string][] = [
    ...dashboard.panels.flatMap((panel: Document) =>
      (panel.targets ?? []).map((target: Document) => [`panel ${panel.title}`, target.expr]),
    ),
    ...dashboard.annotations.list.map((note: Document) => [`annotation ${note.name}`, note.expr]),
    ["variable instance", dashboard.templating.list[1].definition],
    ...parse("deploy/prometheus/saker-alerts.yaml").groups[0].rules.map((rule: Document) => [
      `alert ${rule.alert}`,
      rule.expr,
    ]),
  ];

  test.each(queries)("%s asks for metrics and labels that exist: %s", (_, expression) => {
    const used = [...expression.matchAll(/\b(?:http|saker|process)_[a-z_]+/g)].map((match) => match[0]);
    if (!expression.startsWith("up{")) expect(used).not.toBeEmpty();
    for (const name of used) expect(names).toContain(name);
    for (const match of expression.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)\s*"/g)) expect(labels).toContain(match[1]!);
    for (const match of expression.matchAll(/\bby \(([^)]*)\)/g)) {
      for (const label of match[1]!.split(/,\s*/)) expect(labels).toContain(label);
    }
  });

  test("the reasons that alerts name are told apart", () => {
    for (const reason of ["queue_full", "max_connections"]) expect(metrics).toContain(`reason="${reason}"`);
  });

  test("panels don't overlap", () => {
    const taken = new Set<string>();
    for (const { gridPos, title } of dashboard.panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.has(`${x},${y}`), `${title} at ${x},${y}`).toBe(false);
          expect(x).toBeLessThan(24);
          taken.add(`${x},${y}`);
        }
      }
    }
  });
});

const DEFAULTS = settingsOf("");

describe("certificates by themselves", () => {
  test("compose gives flags that are settings, on ports that are published, and keeps what is gotten", () => {
    const { saker } = parse("deploy/compose.https.yaml").services;
    const argv = saker.command.map((word: string) =>
      word.replace(/^\$\{DOMAIN.*/, "example.com").replace(/^\$\{EMAIL.*/, ""),
    );
    const settings = loadSettings({ argv, env: saker.environment, cwd: folder });
    expect(settings.tls.acme).toMatchObject({ names: ["example.com"], agree_to_terms: true, email: "" });
    expect(saker.ports).toEqual([settings.port, httpsPortOf(settings)].map((port) => `${port}:${port}`));
    const state = /^ENV STATE_DIRECTORY=(.*)$/m.exec(read("Dockerfile"))![1]!;
    expect(saker.volumes).toContain(`certificates:${state}`);
    expect(Number.parseInt(saker.stop_grace_period, 10)).toBeGreaterThan(settings.shutdown_timeout_seconds);
  });

  test("kubernetes: the storage is on the volume, and the authority's port leads to the plain one", () => {
    const [config, claim, deployment, service]: Document[] = parse("deploy/kubernetes/saker-https.yaml");
    const settings = settingsOf(config.data["saker.toml"]);
    const { containers, volumes, terminationGracePeriodSeconds } = deployment.spec.template.spec;
    const [container] = containers;
    const mount = container.volumeMounts.find((each: Document) => each.name === "certificates");
    expect(settings.tls.acme!.storage).toStartWith(`${mount.mountPath}/`);
    expect(volumes.find((each: Document) => each.name === "certificates").persistentVolumeClaim.claimName).toBe(
      claim.metadata.name,
    );
    expect(claim.spec.accessModes).toEqual(["ReadWriteMany"]);
    const ports = container.ports.map(({ name, containerPort }: Document) => [name, containerPort]);
    expect(Object.fromEntries(ports)).toEqual({ http: settings.port, https: httpsPortOf(settings) });
    expect(service.spec.ports.map(({ port, targetPort }: Document) => [port, targetPort])).toEqual([
      [80, "http"],
      [443, "https"],
    ]);
    expect(terminationGracePeriodSeconds).toBeGreaterThan(
      container.lifecycle.preStop.sleep.seconds + settings.shutdown_timeout_seconds,
    );
  });

  test("systemd: what stands in the configuration with marks in front is one", () => {
    const toml = read("deploy/systemd/saker.toml").replace(/^# (?=\[tls\.acme\]|names|email|agree)/gm, "");
    expect(settingsOf(toml).tls.acme).toMatchObject({
      names: ["example.com", "www.example.com"],
      agree_to_terms: true,
    });
    expect(read("deploy/systemd/saker.service")).toContain("AmbientCapabilities=CAP_NET_BIND_SERVICE");
    expect(read("deploy/systemd/saker.service")).toContain("StateDirectory=saker\n");
  });
});

describe("Dockerfile", () => {
  const lines = read("Dockerfile").replaceAll("\\\n", " ").split("\n");
  const instruction = (name: string) => lines.filter((line) => line.startsWith(`${name} `));

  test("exposes the default port and serves the default document root", () => {
    expect(instruction("EXPOSE")).toEqual([`EXPOSE ${DEFAULTS.port}`]);
    const workdir = instruction("WORKDIR").at(-1)!.split(" ")[1]!;
    expect(loadSettings({ argv: [], env: {}, cwd: workdir }).document_root).toBe("/srv/static");
    expect(lines).toContain("COPY static /root-fs/srv/static");
  });

  test("needs no shell to run, and is not root", () => {
    expect(instruction("ENTRYPOINT")).toEqual(['ENTRYPOINT ["/usr/local/bin/saker"]']);
    expect(instruction("HEALTHCHECK")[0]).toEndWith('CMD ["/usr/local/bin/saker", "health"]');
    expect(instruction("USER")).toEqual(["USER 65532:65532"]);
    expect(instruction("STOPSIGNAL")).toEqual(["STOPSIGNAL SIGTERM"]);
  });

  test("copies only what is there and what .dockerignore lets through", () => {
    const allowed = new Set([...read(".dockerignore").matchAll(/^!(.+)$/gm)].map((match) => match[1]!));
    const sources = instruction("COPY").flatMap((line) =>
      line.includes("--from") ? [] : line.split(" ").slice(1, -1),
    );
    expect(sources).not.toBeEmpty();
    for (const source of sources) {
      expect(existsSync(join(ROOT, source)), source).toBe(true);
      expect(allowed).toContain(source);
    }
  });

  test("builds with the Bun of package.json", () => {
    expect(lines).toContain(`ARG BUN_VERSION=${manifest.devDependencies.bun}`);
    expect(read(".ci/run")).toContain(`BUN_VERSION=${manifest.devDependencies.bun}\n`);
  });
});

describe("compose", () => {
  const compose = parse("deploy/compose.yaml");

  test("every file it mounts is there", () => {
    const mounts: string[] = Object.values<Document>(compose.services).flatMap((service) => service.volumes ?? []);
    const paths = mounts
      .map((mount) => mount.replace(/^\$\{SITE:-([^}]+)\}/, "$1"))
      .filter((mount) => mount[0] === ".");
    expect(paths).not.toBeEmpty();
    for (const path of paths) expect(existsSync(join(ROOT, "deploy", path.split(":")[0]!)), path).toBe(true);
  });

  test("gives the server time to drain", () => {
    expect(Number.parseInt(compose.services.saker.stop_grace_period, 10)).toBeGreaterThan(
      DEFAULTS.shutdown_timeout_seconds,
    );
  });

  test("Prometheus finds saker, Grafana finds Prometheus and the dashboard", () => {
    const { rule_files, scrape_configs } = parse("deploy/prometheus/prometheus.yaml");
    expect(scrape_configs[0].static_configs[0].targets).toEqual([`saker:${DEFAULTS.port}`]);
    for (const file of rule_files) expect(existsSync(join(ROOT, "deploy/prometheus", file))).toBe(true);
    const source = parse("deploy/grafana/provisioning/datasources/prometheus.yaml").datasources[0];
    expect(source.url).toBe("http://prometheus:9090");
    const { path } = parse("deploy/grafana/provisioning/dashboards/saker.yaml").providers[0].options;
    const { environment, volumes } = compose.services.grafana;
    expect(volumes).toContain(`./grafana/dashboards:${path}:ro`);
    expect(dirname(environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH)).toBe(path);
  });
});

describe("kubernetes", () => {
  const [config, deployment, service, budget]: Document[] = parse("deploy/kubernetes/saker.yaml");
  const pod = deployment.spec.template;
  const container = pod.spec.containers[0];
  const settings = settingsOf(config.data["saker.toml"]);

  test("ports and labels agree", () => {
    expect(container.ports[0].containerPort).toBe(settings.port);
    expect(service.spec.ports[0].targetPort).toBe(container.ports[0].name);
    expect(pod.metadata.annotations["prometheus.io/port"]).toBe(String(settings.port));
    for (const selector of [
      deployment.spec.selector.matchLabels,
      service.spec.selector,
      budget.spec.selector.matchLabels,
    ])
      expect(pod.metadata.labels).toEqual(selector);
  });

  test("the configuration is mounted where it is read", () => {
    const mount = container.volumeMounts.find((each: Document) => each.name === "config");
    expect(container.args).toEqual(["--config", `${mount.mountPath}/saker.toml`]);
    expect(container.image).toBe(`saker:${manifest.version}`);
  });

  test("gives the server time to leave the service and to drain", () => {
    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(
      container.lifecycle.preStop.sleep.seconds + settings.shutdown_timeout_seconds,
    );
  });

  test("the user is the image's", () => {
    expect(read("Dockerfile")).toContain(
      `\nUSER ${pod.spec.securityContext.runAsUser}:${pod.spec.securityContext.runAsGroup}\n`,
    );
  });
});

describe("systemd", () => {
  const unit = read("deploy/systemd/saker.service");
  const value = (name: string) => [...unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map((match) => match[1]!);

  test("its configuration is right", () => {
    expect(settingsOf(read("deploy/systemd/saker.toml")).port).toBe(80);
  });

  test("gives the server time to drain, and reloads only what was checked", () => {
    const settings = settingsOf(read("deploy/systemd/saker.toml"));
    expect(Number(value("TimeoutStopSec")[0])).toBeGreaterThan(settings.shutdown_timeout_seconds);
    expect(value("ExecReload")[0]).toContain("saker check --config");
    expect(value("ExecReload")[1]).toBe("/bin/kill -HUP $MAINPID");
  });

  test("its variables are settings", () => {
    const env = Object.fromEntries(value("Environment").map((pair) => pair.split("=", 2)));
    expect(loadSettings({ argv: [], env, cwd: folder }).stats_file).toBe("/run/saker/stats");
  });

  const hasSystemd = Bun.which("systemd-analyze") !== null;
  const why = hasSystemd ? "" : " (skipped: no systemd-analyze here)";
  test.skipIf(!hasSystemd)(`systemd understands every line${why}`, () => {
    const path = join(folder, "saker.service");
    writeFileSync(path, unit.replaceAll("/usr/local/bin/saker", "/bin/true"));
    const verify = Bun.spawnSync(["systemd-analyze", "verify", "--man=no", path], { stderr: "pipe" });
    const complaints = verify.stderr.toString().split("\n");
    expect(complaints.filter((line) => line.includes("saker.service"))).toEqual([]);
  });
});
