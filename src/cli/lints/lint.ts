/** A setting or rule that is valid but probably unintended, and its place. */
import type { Because } from "../../site/rules/because.ts";
import type { Places } from "../explain/places.ts";

export interface Lint {
  readonly because: Because;
  readonly message: string;
}

/** `saker.toml:12: …`; without a place when it concerns a default. */
export function showLint({ because, message }: Lint, places: Places): string {
  const place = places.of(because);
  return place === "default" ? message : `${place}: ${message}`;
}

/** The list that a rule belongs to: inherited ones apply to every host, so one host can't show them to be useless. */
export function layerOf({ path, file }: Because): string {
  if (file !== "") return file;
  return path[0] === "virtual_host" ? `virtual_host.${path[1]}` : "";
}

/** Whether two rules are from the same source, so that one undoing the other is a mistake. */
export function isSameLayer(one: Because, other: Because): boolean {
  return layerOf(one) === layerOf(other);
}
