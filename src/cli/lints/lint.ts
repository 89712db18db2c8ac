/** What is allowed and probably not meant, and where it stands. */
import type { Because } from "../../site/rules/because.ts";
import type { Places } from "../explain/places.ts";

export interface Lint {
  readonly because: Because;
  readonly message: string;
}

/** `saker.toml:12: …`; without a place where it is about a default. */
export function showLint({ because, message }: Lint, places: Places): string {
  const place = places.of(because);
  return place === "default" ? message : `${place}: ${message}`;
}

/** Which list of rules a rule stands in: those from outside hold for every host, and none of them is there for nothing. */
export function layerOf({ path, file }: Because): string {
  if (file !== "") return file;
  return path[0] === "virtual_host" ? `virtual_host.${path[1]}` : "";
}

/** Whether a rule can be said to undo another, by whoever wrote both. */
export function isSameLayer(one: Because, other: Because): boolean {
  return layerOf(one) === layerOf(other);
}
