/**
 * Certificates that saker gets by itself, as monitors see them: orders, when the next one is due, what is wrong.
 *
 * In:    plain data that the master publishes. Out: families of /metrics, and warnings of /health.
 * Keeps: names and dates, no path of a file.
 */
import type { PrometheusText } from "./prometheus-text.ts";

export interface CertificateOrders {
  readonly ordersIssued: number;
  readonly ordersFailed: number;
  readonly certificates: readonly OrderedCertificate[];
}

export interface OrderedCertificate {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly nextOrderMs: number;
  /** Why the last attempt failed, and when the next one is; null where nothing is wrong. */
  readonly trouble: string | null;
}

/** Null where saker gets none. */
export type OrderList = () => CertificateOrders | null;

export function addOrders(text: PrometheusText, orders: CertificateOrders | null): void {
  if (orders === null) return;
  const total = "saker_acme_orders_total";
  text.family(total, "counter", "Attempts to get a certificate, since the master started");
  text.sample(total, orders.ordersIssued, { result: "issued" });
  text.sample(total, orders.ordersFailed, { result: "failed" });
  const next = "saker_acme_next_renewal_timestamp_seconds";
  text.family(next, "gauge", "When the certificate for a name is ordered next, seconds since 1970");
  for (const { name, nextOrderMs } of orders.certificates) text.sample(next, nextOrderMs / 1000, { name });
}

export function orderWarnings(orders: CertificateOrders | null): string[] {
  return (orders?.certificates ?? []).flatMap(({ trouble }) => trouble ?? []);
}
