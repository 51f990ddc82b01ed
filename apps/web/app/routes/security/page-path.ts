/** Where the page is: dialogs close to it. */
export const PAGE = "/settings/security";
