import type { OpenOffer } from "~/api/types";
import { type Merge, REFETCH } from "./merge";

/** Whatever an offer stands on may end it: it is read again when the offer, a role or the roster has changed. */
export const mergeOffer: Merge<OpenOffer | null> = (offer, event) =>
  event.type === "ownership.offered" ||
  event.type === "ownership.closed" ||
  event.type === "member.role_changed" ||
  event.type === "member.removed"
    ? REFETCH
    : offer;
