/**
 * A reader of the Prometheus text format 0.0.4, strict enough to notice a malformed exposition.
 *
 * In:    the text of /metrics.
 * Out:   `Metrics`: samples by name and labels, with the HELP and TYPE of each family.
 * Keeps: throws on a line the format doesn't know, on a sample whose family has no TYPE, and on a repeated sample.
 */

export type Labels = Readonly<Record<string, string>>;

interface Sample {
  name: string;
  labels: Labels;
  value: number;
}

export class Metrics {
  readonly types = new Map<string, string>();
  readonly helps = new Map<string, string>();
  readonly samples: Sample[] = [];

  /** The only sample with that name whose labels include `labels`; throws without one. */
  value(name: string, labels: Labels = {}): number {
    const found = this.matching(name, labels);
    if (found.length !== 1) throw new Error(`${found.length} samples of ${name}${JSON.stringify(labels)}`);
    return found[0]!.value;
  }

  /** The sum of every sample that matches; 0 when there is none. */
  sum(name: string, labels: Labels = {}): number {
    return this.matching(name, labels).reduce((sum, sample) => sum + sample.value, 0);
  }

  matching(name: string, labels: Labels = {}): Sample[] {
    return this.samples.filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
  }
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]Inf|[-+0-9.eE]+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

export function parseMetrics(text: string): Metrics {
  if (!text.endsWith("\n")) throw new Error("the last line of /metrics has no line feed");
  const metrics = new Metrics();
  const seen = new Set<string>();
  for (const line of text.slice(0, -1).split("\n")) {
    if (line === "") continue;
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment) {
      const table = comment[1] === "HELP" ? metrics.helps : metrics.types;
      if (table.has(comment[2]!)) throw new Error(`second ${comment[1]} of ${comment[2]}`);
      table.set(comment[2]!, comment[3]!);
      continue;
    }
    const match = SAMPLE.exec(line);
    if (!match) throw new Error(`bad line in /metrics: ${JSON.stringify(line)}`);
    const [, name, labels, value] = match;
    const key = `${name}{${labels ?? ""}}`;
    if (seen.has(key)) throw new Error(`sample ${key} comes twice`);
    seen.add(key);
    const family = name!.replace(/_(bucket|sum|count)$/, "");
    if (!metrics.types.has(name!) && metrics.types.get(family) !== "histogram") throw new Error(`${name} has no TYPE`);
    metrics.samples.push({ name: name!, labels: parseLabels(labels ?? ""), value: parseValue(value!) });
  }
  return metrics;
}

function parseLabels(text: string): Labels {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const at = LABEL.lastIndex;
    const match = LABEL.exec(text);
    if (!match) throw new Error(`bad labels ${JSON.stringify(text)} at ${at}`);
    labels[match[1]!] = match[2]!.replace(/\\(["\\n])/g, (_, octet: string) => (octet === "n" ? "\n" : octet));
  }
  return labels;
}

function parseValue(text: string): number {
  if (text === "+Inf") return Infinity;
  if (text === "-Inf") return -Infinity;
  const value = Number(text);
  if (Number.isNaN(value) && text !== "NaN") throw new Error(`bad value ${text}`);
  return value;
}
