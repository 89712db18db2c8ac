/**
 * What the path of a request was taken for, in words.
 *
 * In:    the path as it was sent; the host's parts.
 * Out:   decisions: what an encoded slash means, where there is one; the file or folder that the path names, or its fault.
 * Keeps: asks the function that reads paths (site/request-path.ts) once more, with the settings that serve.
 */
import type { HostParts } from "../../site/build-site.ts";
import { joinRoot } from "../../site/load/open-below.ts";
import { findRequestPath, PathFault, statusOfFault } from "../../site/request-path.ts";
import { decisionOf, rootPlace } from "./explain-path.ts";
import type { Decision } from "./explanation.ts";
import type { Places } from "./places.ts";

const FAULT_TEXT: Readonly<Record<PathFault, string>> = {
  [PathFault.Relative]: "not a valid path: it does not begin with a slash",
  [PathFault.BadEncoding]: "not a valid path: bad percent-encoding",
  [PathFault.Nul]: "not a valid path: a NUL",
  [PathFault.AboveRoot]: "not a valid path: above the root",
  [PathFault.EncodedSlash]: "an encoded slash: no file's name holds one",
  [PathFault.Hidden]: "a name begins with a dot",
};

export function explainTarget(raw: string, parts: HostParts, places: Places): Decision[] {
  const { options, rules } = parts;
  const { because, value } = rules.encodedSlashes;
  const decisions: Decision[] = [];
  if (/%2f/i.test(raw)) {
    const outcome = value === "decode" ? "an encoded slash is taken for a slash" : "an encoded slash is no slash";
    decisions.push(decisionOf("path", raw, outcome, because.setting, places.of(because)));
  }
  const path = findRequestPath(raw, options.dotfiles, value);
  if (typeof path === "number") {
    const [setting, place] = path === PathFault.Hidden ? ["dotfiles", places.at("dotfiles")] : ["", ""];
    return [...decisions, decisionOf("path", raw, `${statusOfFault(path)}: ${FAULT_TEXT[path]}`, setting, place)];
  }
  const full = joinRoot(options.root, path.filePath);
  const way = raw === path.key ? full : `${path.key} → ${full}`;
  return [...decisions, decisionOf("path", raw, way, "document_root", rootPlace(parts, places))];
}
