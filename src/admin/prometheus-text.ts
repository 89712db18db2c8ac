/**
 * Writes the Prometheus text exposition format 0.0.4.
 *
 * In:    families (name, type, help) and their samples. Out: the text.
 * Keeps: HELP and TYPE once before the samples of a family; label values and help escaped; a line feed ends each line.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */

export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export type Labels = Readonly<Record<string, string | number>>;

export class PrometheusText {
  private text = "";

  /** Begins a family; its samples must follow before the next one begins. */
  family(name: string, type: "counter" | "gauge" | "histogram", help: string): this {
    this.text += `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
    return this;
  }

  /** One sample of the family begun last; `name` may carry a histogram's suffix. */
  sample(name: string, value: number, labels: Labels = {}): this {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(String(text))}"`);
    this.text += `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${formatValue(value)}\n`;
    return this;
  }

  /** A family of one sample without labels. */
  single(name: string, type: "counter" | "gauge", help: string, value: number): this {
    return this.family(name, type, help).sample(name, value);
  }

  toString(): string {
    return this.text;
  }
}

export function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}
