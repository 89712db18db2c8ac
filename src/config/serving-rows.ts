/** What is served, and how paths lead to it: the rows of the groups Serving and Site. See setting-rows.ts. */
import { isFieldValue } from "../syntax/field-syntax.ts";
import { EVERY_ADDRESS, isHost } from "./host-port.ts";
import { boolean, choice, integer, list, map, optionalString, path, string } from "./setting.ts";
import { FILE_PATH_FORM, isErrorStatus, isFilePath, isTryFile, STATUS_FORM, TRY_FILES_FORM } from "./site-forms.ts";
import { isExtension, isFileName, isMediaType } from "./value-forms.ts";

export const SERVING_ROWS = {
  host: string({
    default: EVERY_ADDRESS,
    group: "Serving",
    placeholder: "ADDRESS",
    meaning:
      "Address to listen on; `::` is every IPv6 and IPv4 address (IPv4 alone where the system has no IPv6), `0.0.0.0` every IPv4 address, `localhost` both loopback addresses",
    form: "an IP address or a host name",
    hasForm: isHost,
  }),
  port: integer({
    default: 8080,
    minimum: 0,
    maximum: 65535,
    group: "Serving",
    flags: ["-p"],
    meaning:
      "TCP port to listen on; 0 lets the system choose a free one; where nothing sets it, the variable `PORT` does",
  }),
  document_root: path({
    default: "static",
    group: "Serving",
    placeholder: "DIR",
    meaning: "Folder to serve; nothing outside it is ever sent",
  }),
  index: list({
    default: ["index.html"],
    group: "Serving",
    meaning: "Index files of a folder; the first that exists is sent",
    form: "a file name without slashes",
    hasForm: isFileName,
  }),
  dotfiles: boolean({
    default: false,
    group: "Serving",
    meaning: "Serve files and folders whose name begins with a dot; `.well-known` is always served",
  }),
  directory_listing: boolean({
    default: false,
    group: "Serving",
    meaning: "List the contents of folders that have no index file, as HTML, or as JSON for clients that prefer it",
  }),
  follow_symlinks: choice(["inside", "always", "never"], {
    default: "inside",
    group: "Serving",
    meaning: "Which symbolic links are followed: those that stay inside the document root, all, or none",
  }),
  media_types: map({
    default: {},
    group: "Serving",
    placeholder: "EXTENSION=TYPE",
    meaning: "Content-Type by file name extension, in addition to or in place of the built-in ones",
    nameForm: 'an extension in lower case, such as "m3u8"',
    hasNameForm: isExtension,
    form: 'a media type such as "text/plain" or "text/html; charset=utf-8"',
    hasForm: isMediaType,
  }),
  detect_text: boolean({
    default: true,
    group: "Serving",
    meaning:
      "Send files without an extension that begin as UTF-8 text (README, LICENSE) as text/plain, never as anything else",
  }),
  server_header: string({
    default: "saker",
    group: "Serving",
    meaning: "Value of the Server field of every response; an empty string omits the field",
    form: "printable ASCII characters",
    hasForm: isFieldValue,
  }),

  clean_urls: boolean({
    default: false,
    group: "Site",
    meaning: "Answer `/about` with `about.html` where there is no file `about`",
  }),
  trailing_slash: choice(["keep", "add", "remove"], {
    default: "keep",
    group: "Site",
    meaning: "Trailing slash of page paths: `add` and `remove` redirect to that form; `keep` has it for folders only",
  }),
  encoded_slashes: choice(["refuse", "decode"], {
    default: "refuse",
    group: "Site",
    meaning:
      "An encoded slash (`%2F`) in a path: `refuse` answers 404, as no file's name holds one; `decode` takes it for a slash",
  }),
  try_files: list({
    default: [],
    group: "Site",
    placeholder: "PATHS",
    meaning:
      "Files to try in order, where `{path}` is the requested path; the first that exists is sent; none means the file, then the folder",
    form: TRY_FILES_FORM,
    hasForm: isTryFile,
  }),
  spa_fallback: optionalString({
    group: "Site",
    placeholder: "PATH",
    meaning:
      "File sent with status 200 for what nothing else answers: paths without an extension, and others where a page is asked for",
    form: FILE_PATH_FORM,
    hasForm: isFilePath,
  }),
  security_headers: boolean({
    default: false,
    group: "Site",
    meaning: "Send security fields such as X-Frame-Options and Content-Security-Policy where no rule sets them",
  }),
  netlify_files: boolean({
    default: false,
    group: "Site",
    meaning: "Obey `_redirects` and `_headers` in the document root, as Netlify does; they are never served themselves",
  }),
  not_found_page: boolean({
    default: true,
    group: "Site",
    meaning:
      "Show `404.html` in the document root, if it is there, where nothing is found and `error_pages` has no page",
  }),
  error_pages: map({
    default: {},
    group: "Site",
    placeholder: "STATUS=PATH",
    meaning: "Custom error pages by status",
    nameForm: STATUS_FORM,
    hasNameForm: isErrorStatus,
    form: FILE_PATH_FORM,
    hasForm: isFilePath,
  }),
  unknown_host: choice(["default", 404, 421], {
    default: "default",
    group: "Site",
    meaning:
      "Answer for hosts that no `[[virtual_host]]` names: `default` is the site configured outside of them; otherwise a status",
  }),
} as const;
