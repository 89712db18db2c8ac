/**
 * Sizes as people read them: three digits and a unit (IEC 80000-13: KiB is 1024 octets).
 *
 * In:    octets, an integer of at least 0. Out: text such as "0 B", "999 B", "1.5 KiB", "24 MiB".
 * Keeps: pure; rounds to nearest and never writes "1024 KiB".
 */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** A no-break space stands before the unit. */
export function humanSize(octets: number): string {
  let value = octets;
  let unit = 0;
  while (unit < UNITS.length - 1 && (unit === 0 ? value >= 1000 : value >= 999.5)) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 9.95 ? value.toFixed(0) : value.toFixed(1);
  return `${digits}\u00a0${UNITS[unit]}`;
}

/** "1,234,567 bytes": the exact number. */
export function exactSize(octets: number): string {
  return `${withThousands(octets)} ${octets === 1 ? "byte" : "bytes"}`;
}

/** An integer with commas between its thousands. */
export function withThousands(integer: number): string {
  return String(integer).replace(/\B(?=(\d{3})+$)/g, ",");
}
