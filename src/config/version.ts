/**
 * Which saker this is.
 *
 * Out:   `VERSION` ("0.1.0") and `COMMIT` (an abbreviated commit, or "source" when it runs from a work tree).
 * Keeps: `build.ts` defines SAKER_VERSION and SAKER_COMMIT for the executable; from source, package.json is the truth.
 */
import { version } from "../../package.json";

/** Replaced by the bundler (`define`); absent when run from source. */
declare const SAKER_VERSION: string;
declare const SAKER_COMMIT: string;

export const VERSION: string = typeof SAKER_VERSION === "string" ? SAKER_VERSION : version;
export const COMMIT: string = typeof SAKER_COMMIT === "string" ? SAKER_COMMIT : "source";
