/**
 * Constraints between the values of rules: contradictions that no value shows by itself.
 *
 * In:    the draft, with every value already valid by itself.
 * Fails: ConfigError at the first rule that could never do what it says.
 */
import { type Draft, errorInside } from "./draft.ts";
import { namesInTarget, capturedNames } from "../syntax/path-syntax.ts";
import type { Settings } from "./settings.ts";
import { freshSeconds } from "../syntax/cache-control.ts";
import { isRequestIdField } from "../syntax/field-syntax.ts";
import type { TomlPath } from "./toml-position.ts";

type Host = Settings["virtual_host"][number];
type Rules = Pick<Host, "redirect" | "rewrite" | "header" | "cache"> & { readonly cors: Settings["cors"] | null };

export function checkSiteConstraints(draft: Draft): void {
  const settings = draft.values as unknown as Settings;
  checkRules(draft, [], settings);
  settings.virtual_host.forEach((host, index) => checkRules(draft, ["virtual_host", index], host));
  if (settings.request_id === "send") {
    checkRequestId(draft, [], settings);
    settings.virtual_host.forEach((host, index) => checkRequestId(draft, ["virtual_host", index], host));
  }
  checkHostNames(draft, settings.virtual_host);
  if (settings.unknown_host !== "default" && settings.virtual_host.length === 0) {
    throw draft.errorAt("unknown_host", "unknown_host needs a [[virtual_host]]: without any, every host is unknown");
  }
}

function checkRules(draft: Draft, at: TomlPath, rules: Rules): void {
  for (const name of ["redirect", "rewrite"] as const) {
    rules[name].forEach((rule, index) => checkPlaceholders(draft, [...at, name, index], rule));
  }
  rules.header.forEach(({ set, remove }, index) => {
    if (Object.keys(set).length > 0 || remove.length > 0) return;
    throw errorInside(draft, [...at, "header", index], "key", 'a header rule needs "set" or "remove"');
  });
  rules.cache.forEach(({ cache_control, expires, immutable }, index) => {
    if (expires && cache_control !== "" && freshSeconds(cache_control) === null) {
      const problem = 'expires needs a cache_control with "max-age", "no-cache" or "no-store"';
      throw errorInside(draft, [...at, "cache", index, "expires"], "value", problem);
    }
    if (cache_control !== "" || immutable) return;
    throw errorInside(draft, [...at, "cache", index], "key", 'a cache rule needs "cache_control" or "immutable"');
  });
  if (rules.cors !== null) checkCors(draft, at, rules.cors);
}

/** A response that had both would name two requests. */
function checkRequestId(draft: Draft, at: TomlPath, { header }: Pick<Rules, "header">): void {
  header.forEach(({ set, remove }, index) => {
    const name = Object.keys(set).find(isRequestIdField);
    const item = remove.findIndex(isRequestIdField);
    if (name === undefined && item === -1) return;
    const path = [...at, "header", index, ...(name === undefined ? ["remove", item] : ["set", name])];
    const problem = 'no rule may set or remove X-Request-Id while request_id is "send", which sets it';
    throw errorInside(draft, path, name === undefined ? "value" : "key", problem);
  });
}

function checkPlaceholders(draft: Draft, at: TomlPath, rule: { readonly from: string; readonly to: string }): void {
  const known = capturedNames(rule.from);
  const twice = known.find((name, index) => known.indexOf(name) !== index);
  if (twice !== undefined) throw errorInside(draft, [...at, "from"], "value", `from names ":${twice}" twice`);
  const unknown = namesInTarget(rule.to).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const problem = `to names ":${unknown}", which from does not; write a literal colon as %3A`;
  throw errorInside(draft, [...at, "to"], "value", problem);
}

/** Otherwise a page of any origin could read what only the user may see (Fetch standard, CORS protocol and credentials). */
function checkCors(draft: Draft, at: TomlPath, cors: Settings["cors"]): void {
  if (!cors.allow_credentials) return;
  const open = cors.allowed_origins.indexOf("*");
  if (open === -1) return;
  const problem = 'allowed_origins must name origins, not "*", while allow_credentials is on';
  // Outside virtual hosts each value of the table has its own origin: it may be a flag.
  if (at.length === 0) throw draft.errorAt("cors.allowed_origins", problem);
  throw errorInside(draft, [...at, "cors", "allowed_origins", open], "value", problem);
}

function checkHostNames(draft: Draft, hosts: readonly Host[]): void {
  const seen = new Set<string>();
  hosts.forEach(({ names }, index) => {
    const at = ["virtual_host", index, "names"];
    if (names.length === 0) throw errorInside(draft, at, "value", "names must hold at least one host name");
    names.forEach((name, item) => {
      const canonical = name.toLowerCase().replace(/\.$/, "");
      if (seen.has(canonical)) throw errorInside(draft, [...at, item], "value", `host "${name}" is named twice`);
      seen.add(canonical);
    });
  });
}
