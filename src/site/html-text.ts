/**
 * Text that goes into an HTML document, as content or inside a quoted attribute value.
 *
 * Keeps: pure; nothing in the result begins markup, a reference, or ends an attribute's value, whatever the text is.
 */

const SPECIAL = /[&<>"']/;

export function escapeHtml(text: string): string {
  if (!SPECIAL.test(text)) return text;
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
