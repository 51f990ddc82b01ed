import type { Member } from "~/api/types";
import type { BadgeTone } from "~/components/badge";

/** How it stands with a member's Pro seat. */
export type MemberSeat = Member["seat"];

const SEATS_IN_WORDS: Record<MemberSeat, { label: string; tone: BadgeTone }> = {
  active: { label: "Active Pro seat", tone: "positive" },
  none: { label: "No Pro seat", tone: "neutral" },
  suspended: { label: "Suspended seat", tone: "warning" },
  revoked: { label: "Revoked seat", tone: "neutral" },
};

/** In the order in which they are offered. */
export const SEATS = Object.keys(SEATS_IN_WORDS) as readonly MemberSeat[];

/** A seat as people read it (S2.25). */
export function seatLabel(seat: MemberSeat): string {
  return SEATS_IN_WORDS[seat].label;
}

/** The colour that helps to find it. */
export function seatTone(seat: MemberSeat): BadgeTone {
  return SEATS_IN_WORDS[seat].tone;
}
