/** The falcon of static/favicon.svg, in 64 by 64 units, for pages that need nothing from elsewhere. */

const FALCON_OUTLINE =
  "M32 7c4 0 4 4 6 9 6-3 15 1 24 26-8-9-15-12-22-11l-4 12 4 15-8-4-8 4 4-15-4-12c-7-1-14 2-22 11C11 17 20 13 26 16c2-5 2-9 6-9z";

/** In a document, sized by the style sheet or by `attributes`, in the colour that the style sheet fills it with. */
export function renderFalcon(attributes = ""): string {
  return (
    `<svg viewBox="0 0 64 64"${attributes} aria-hidden="true">` +
    `<path transform="rotate(38 32 32)" d="${FALCON_OUTLINE}"/></svg>`
  );
}

/** Names the falcon as a page's icon, so that no browser asks for /favicon.ico. Its colour is seen on light and on dark. */
export const FALCON_ICON =
  `<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 64 64'%3E` +
  `%3Cpath transform='rotate(38 32 32)' fill='%23c96f24' d='${FALCON_OUTLINE}'/%3E%3C/svg%3E">`;
