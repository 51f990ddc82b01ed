import type { RouterOutputs } from "@guildhall/api";
import type { RunLine } from "~/inviting/invite-run";

type CheckedList = RouterOutputs["invites"]["checkList"];
type SentList = RouterOutputs["invites"]["sendList"];
type CheckedLine = CheckedList["lines"][number];
type SentLine = SentList["results"][number];

/** A line as it is shown: looked at, on its way, or sent. */
export type ListLine = CheckedLine | RunLine | SentLine;
export type LineStatus = ListLine["status"];

/** What the action answers after a look at a list: nothing was sent yet. */
export interface CheckAnswer {
  checked: CheckedList;
  list: string;
  role: string;
}

/** What the action answers when a list was sent. */
export interface SendAnswer {
  sent: SentList;
}

/** What the action answers when the list is to be changed: the first step again, with what was typed. */
export interface ChangeAnswer {
  changing: { list: string; role: string };
}

/** Which step an answer leads to; the first one, empty, for a refusal or for none. */
export function readAnswer(answer: unknown): CheckAnswer | SendAnswer | ChangeAnswer {
  const isStep = typeof answer === "object" && answer !== null && STEPS.some((name) => name in answer);
  return isStep ? (answer as CheckAnswer | SendAnswer | ChangeAnswer) : { changing: { list: "", role: "member" } };
}

const STEPS = ["checked", "sent", "changing"];
