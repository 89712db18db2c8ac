/**
 * What saker itself says with a status: the content of errors and redirects, in each form (error-form.ts).
 *
 * In:    a status, a form; whether the start page was asked for, which no link to it helps with; where a redirect leads.
 * Out:   content and its type: a line, problem details (RFC 9457 §3), or a page (error-page.ts).
 * Keeps: says what the client did or may do; never a path, an exception or anything internal. That of an error is made once
 *        and kept.
 */
import { reasonPhrase } from "../../http/status.ts";
import { ErrorForm } from "./error-form.ts";
import { type PageLink, renderErrorPage } from "./error-page.ts";
import type { ErrorPage } from "./error-pages.ts";

const EXPLANATIONS: Readonly<Record<number, string>> = {
  400: "The server could not make sense of the request.",
  401: "This page asks for a name and a password.",
  403: "You may not see this page.",
  404: "There is nothing at this address. It may have moved, or the link may be wrong.",
  405: "This address can only be read.",
  408: "The request took too long to arrive.",
  410: "What was at this address is gone, and will not come back.",
  412: "The page is not in the state that the request asks for.",
  413: "The request brings more content than the server takes.",
  414: "The address is longer than the server takes.",
  416: "The page has no such part.",
  417: "The server cannot do what the request expects.",
  421: "This server does not answer for that address.",
  429: "You have asked more often than the server lets you. Please wait a moment.",
  431: "The head of the request is larger than the server takes.",
  500: "Something went wrong here. It is not your fault.",
  501: "The server does not know how to do this.",
  503: "The server is busy. Please try again in a moment.",
  505: "The server speaks HTTP/1.1 only.",
};

/** For 404 of the start page itself: no link was wrong. */
const NO_START_PAGE = "There is no start page here.";

/** Redirections that browsers follow on their own: the content is for those that don't. */
const MOVED = "The page is at another address.";

const START_PAGE: PageLink = { reference: "/", label: "Go to the start page" };

/** Client errors that the start page would meet with, too. */
const EVERYWHERE = new Set([408, 421, 429]);

const CONTENT_TYPE: readonly string[] = [
  "text/plain; charset=utf-8",
  "application/problem+json",
  "text/html; charset=utf-8",
];

/** The same objects for the whole process; they never change. */
const kept = new Map<number, ErrorPage>();

/** What to say with an error. `isStart`: the path that was asked for is "/". */
export function errorContent(status: number, form: ErrorForm, isStart: boolean): ErrorPage {
  const number = (status * ErrorForm.count + form) * 2 + Number(isStart);
  let content = kept.get(number);
  if (content === undefined) kept.set(number, (content = makeErrorContent(status, form, isStart)));
  return content;
}

function makeErrorContent(status: number, form: ErrorForm, isStart: boolean): ErrorPage {
  const detail = isStart && status === 404 ? NO_START_PAGE : (EXPLANATIONS[status] ?? "");
  const helps = status >= 400 && status < 500 && !isStart && !EVERYWHERE.has(status);
  const line = detail === "" ? titleOf(status) : `${titleOf(status)}: ${detail}`;
  return inForm(form, line, problem(status, detail, {}), () =>
    renderErrorPage(status, reasonPhrase(status), detail, helps ? START_PAGE : null),
  );
}

/** What to say with a redirect to `location`, a URI reference. */
export function redirectContent(status: number, form: ErrorForm, location: string): ErrorPage {
  return inForm(form, `${titleOf(status)}: ${location}`, problem(status, MOVED, { location }), () =>
    renderErrorPage(status, reasonPhrase(status), MOVED, { reference: location, label: location }),
  );
}

function inForm(form: ErrorForm, line: string, problem: object, page: () => string): ErrorPage {
  const text = form === ErrorForm.Html ? page() : form === ErrorForm.Json ? JSON.stringify(problem) : line;
  const content = Buffer.from(form === ErrorForm.Html ? text : `${text}\n`, "utf8");
  return { content, contentType: CONTENT_TYPE[form]! };
}

/** `about:blank`: the status says all that there is, and its phrase is the title (RFC 9457 §4.2.1). */
function problem(status: number, detail: string, more: object): object {
  return { type: "about:blank", title: reasonPhrase(status), status, ...(detail === "" ? {} : { detail }), ...more };
}

function titleOf(status: number): string {
  return `${status} ${reasonPhrase(status)}`.trimEnd();
}
