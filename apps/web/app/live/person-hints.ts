import { createListeners } from "./listeners";

/**
 * Tells pages of the person that something of theirs has changed; what it was is read. The portal's frame follows the
 * person's channel and tells it.
 */
export const personHints = createListeners<[]>();
