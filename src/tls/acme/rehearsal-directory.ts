/**
 * Where attempts after a failure go first: an authority whose orders cost nothing, beside the one that is meant.
 *
 * Keeps: only of authorities that offer one for this purpose.
 */
const REHEARSALS: Readonly<Record<string, string>> = {
  "https://acme-v02.api.letsencrypt.org/directory": "https://acme-staging-v02.api.letsencrypt.org/directory",
};

export const rehearsalDirectoryOf = (directory: string): string | null => REHEARSALS[directory] ?? null;
