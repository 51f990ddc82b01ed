import type { RouterOutputs } from "@guildhall/api";

/** What a person's own wallet page shows. */
export interface PersonalWallet {
  summary: RouterOutputs["personalWallet"]["summary"];
  transactions: RouterOutputs["personalWallet"]["transactions"];
}

export type PersonalTransaction = PersonalWallet["transactions"]["items"][number];
