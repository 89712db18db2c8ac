/**
 * The tables of rules: `[[redirect]]`, `[[rewrite]]`, `[[header]]`, `[[deny_path]]`, `[[basic_auth]]`, `[[cache]]`, `[cors]`, and
 * `[[virtual_host]]`, which holds all of them again for one host.
 *
 * Keeps: a rule's order in the file is its order of precedence. A virtual host inherits what it doesn't set, except for what
 *        depends on its folder: redirects, rewrites, `try_files` and `spa_fallback` (site/rules/host-rules.ts).
 */
import {
  isPathPattern,
  isRedirectTarget,
  isRewriteTarget,
  PATTERN_FORM,
  REWRITE_FORM,
  TARGET_FORM,
} from "../syntax/path-syntax.ts";
import { boolean, choice, inherited, integer, list, mapOfLists, optionalPath, required, string } from "./setting.ts";
import { SETTINGS } from "./setting-rows.ts";
import { isUser, USER_FORM } from "../syntax/user-syntax.ts";
import {
  FIELD_NAME_FORM,
  FIELD_VALUE_FORM,
  isFieldName,
  isFieldValue,
  isRemovableField,
  isSettableField,
  REMOVABLE_FIELD_FORM,
  SETTABLE_FIELD_FORM,
} from "../syntax/field-syntax.ts";
import {
  HOST_NAME_FORM,
  isHostPattern,
  isMethod,
  isOriginPattern,
  isRealm,
  METHOD_FORM,
  ORIGIN_FORM,
  REALM_FORM,
} from "./site-forms.ts";
import { table, tableArray } from "./table.ts";
import { HOST_TLS_ROWS } from "./tls-tables.ts";
import { DAY_SECONDS } from "../units.ts";

const group = "Site";
const pattern = (meaning: string, standard = "") =>
  string({ default: standard, group, meaning, form: PATTERN_FORM, hasForm: isPathPattern });

const when = choice(["always", "missing"], {
  default: "always",
  group,
  meaning: "`missing` applies the rule only where no file would answer",
});

const redirect = tableArray("Redirects; the first that matches decides", {
  from: required(pattern("Paths to match; `:name` matches one segment, a final `*` the rest")),
  to: required(
    string({
      default: "",
      group,
      meaning:
        "Target path or URL; `:name` and `:splat` are filled in, the query is kept unless the target has its own",
      form: TARGET_FORM,
      hasForm: isRedirectTarget,
    }),
  ),
  status: choice([301, 302, 303, 307, 308], { default: 301, group, meaning: "Status of the response" }),
  when,
});

const rewrite = tableArray("Paths answered with the file of another path; the first that matches decides", {
  from: required(pattern("Paths to match; `:name` matches one segment, a final `*` the rest")),
  to: required(
    string({
      default: "",
      group,
      meaning: "Path below the root whose file is sent; `:name` and `:splat` are filled in",
      form: REWRITE_FORM,
      hasForm: isRewriteTarget,
    }),
  ),
  when,
});

const header = tableArray("Response fields; all rules that match apply, later ones win", {
  path: required(pattern("Paths to match: the requested one, or that of the file that is sent")),
  set: mapOfLists({
    default: {},
    group,
    meaning:
      "Fields to set, replacing any of the same name; several values are one list, or with Set-Cookie a line each",
    nameForm: SETTABLE_FIELD_FORM,
    hasNameForm: isSettableField,
    form: FIELD_VALUE_FORM,
    hasForm: isFieldValue,
  }),
  remove: list({
    default: [],
    group,
    meaning: "Fields to remove",
    form: REMOVABLE_FIELD_FORM,
    hasForm: isRemovableField,
  }),
});

const denyPath = tableArray("Paths that are never served, whatever their case and however they are reached", {
  path: required(pattern("Paths to match: the requested one, or that of the file that would be sent")),
  status: choice([403, 404], {
    default: 403,
    group,
    meaning: "Status of the response; 404 hides that something exists",
  }),
});

const basicAuth = tableArray(
  "Paths that require a name and a password, whatever their case and however they are reached",
  {
    path: required(pattern("Paths to match: the requested one, or that of the file that would be sent")),
    realm: string({
      default: "Restricted",
      group,
      meaning: "Name that the browser shows when it asks for the password",
      form: REALM_FORM,
      hasForm: isRealm,
    }),
    users: {
      ...required(
        list({ default: [], group, meaning: "Users with access, as `name:hash`", form: USER_FORM, hasForm: isUser }),
      ),
      secret: true,
    },
  },
);

const cache = tableArray("How long clients may cache files; the first that matches decides", {
  path: required(pattern("Paths to match: the requested one, or that of the file that is sent")),
  cache_control: string({
    default: "",
    group,
    meaning: "Value of Cache-Control, such as `public, max-age=3600`",
    form: FIELD_VALUE_FORM,
    hasForm: isFieldValue,
  }),
  expires: boolean({
    default: false,
    group,
    meaning: "Also send Expires, derived from `max-age`; only HTTP/1.0 caches need it",
  }),
  immutable: boolean({
    default: false,
    group,
    meaning: "Mark files whose name contains a fingerprint (`app.3f9c2b1a.js`) as cacheable forever",
  }),
});

const cors = table("Which scripts of other origins may read responses (CORS)", {
  allowed_origins: list({
    default: [],
    group,
    meaning: "Allowed origins; `*` is all of them; none turns CORS off",
    form: ORIGIN_FORM,
    hasForm: isOriginPattern,
  }),
  path: pattern("Paths to match", "/*"),
  allowed_methods: list({
    default: ["GET", "HEAD"],
    group,
    meaning: "Methods allowed in the answer to a preflight",
    form: METHOD_FORM,
    hasForm: isMethod,
  }),
  allowed_headers: list({
    default: [],
    group,
    meaning: "Request fields allowed in the answer to a preflight; `*` allows whatever it asks for",
    form: FIELD_NAME_FORM,
    hasForm: isFieldName,
  }),
  exposed_headers: list({
    default: [],
    group,
    meaning: "Response fields that scripts may read",
    form: FIELD_NAME_FORM,
    hasForm: isFieldName,
  }),
  allow_credentials: boolean({ default: false, group, meaning: "Allow requests with cookies and passwords" }),
  max_age_seconds: integer({
    default: 600,
    minimum: 0,
    maximum: DAY_SECONDS,
    unit: "seconds",
    group,
    meaning: "How long a browser may remember a preflight",
  }),
});

/** Rules that can be written for all hosts, and inside a virtual host. */
const RULE_TABLES = { redirect, rewrite, header, deny_path: denyPath, basic_auth: basicAuth, cache, cors };

const virtualHost = tableArray(
  "A separate site for some host names; what it doesn't set is inherited",
  {
    names: required(
      list({
        default: [],
        group,
        meaning: "Host names; an exact name wins over a wildcard, a longer wildcard over a shorter one",
        form: HOST_NAME_FORM,
        hasForm: isHostPattern,
      }),
    ),
    root: optionalPath({ group, meaning: "Folder to serve; when not set, `document_root`" }),
    index: inherited(SETTINGS.index),
    directory_listing: inherited(SETTINGS.directory_listing),
    clean_urls: inherited(SETTINGS.clean_urls),
    trailing_slash: inherited(SETTINGS.trailing_slash),
    encoded_slashes: inherited(SETTINGS.encoded_slashes),
    try_files: SETTINGS.try_files,
    spa_fallback: SETTINGS.spa_fallback,
    security_headers: inherited(SETTINGS.security_headers),
    netlify_files: inherited(SETTINGS.netlify_files),
    not_found_page: inherited(SETTINGS.not_found_page),
    error_pages: SETTINGS.error_pages,
    ...HOST_TLS_ROWS,
  },
  RULE_TABLES,
);

export const SITE_TABLES = { ...RULE_TABLES, virtual_host: virtualHost };
