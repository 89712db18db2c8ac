/**
 * The blocks of a PEM text (RFC 7468): certificates, keys, lists of revoked certificates.
 *
 * In:    the text of a file; explanatory text around the blocks is skipped, as RFC 7468 §5.2 asks for.
 * Out:   each block with its label, as text that can be given to whoever reads PEM.
 * Keeps: pure; what is inside a block isn't looked at. A block without an end is left out.
 */

export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, `EC PRIVATE KEY`, `X509 CRL`, … */
  readonly label: string;
  /** From `-----BEGIN` to the end of the last line. */
  readonly text: string;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*(?:-[^-]+)*?-----END \1-----/g;

function pemBlocks(text: string): PemBlock[] {
  return [...text.matchAll(BLOCK)].map(([block, label]) => ({ label: label!, text: `${block}\n` }));
}

export function certificateBlocks(text: string): string[] {
  return pemBlocks(text)
    .filter(({ label }) => /^(X509 |TRUSTED )?CERTIFICATE$/.test(label))
    .map((block) => block.text);
}

/** The first private key, and whether it can't be read without a passphrase (RFC 1421 §4.6.1.1, RFC 5958 §3). */
export function privateKeyBlock(text: string): { text: string; isEncrypted: boolean } | null {
  const block = pemBlocks(text).find(({ label }) => label.endsWith("PRIVATE KEY"));
  if (block === undefined) return null;
  const isEncrypted = block.label.startsWith("ENCRYPTED") || /^Proc-Type: 4,ENCRYPTED/m.test(block.text);
  return { text: block.text, isEncrypted };
}

export function revocationBlocks(text: string): string[] {
  return pemBlocks(text)
    .filter(({ label }) => label === "X509 CRL")
    .map((block) => block.text);
}

/** DER in PEM form, in lines of 64 characters. */
export function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** The octets of a block. */
export function derOf(block: string): Buffer {
  return Buffer.from(block.replace(/-----[^-]+-----/g, ""), "base64");
}
