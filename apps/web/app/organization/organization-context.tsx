import { createContext, useContext } from "react";
import type { Organization, WalletSummary } from "~/api/types";

interface Shown {
  organization: Organization;
  wallet: WalletSummary;
  may(permission: string): boolean;
}

const OrganizationContext = createContext<Shown | undefined>(undefined);

export const OrganizationProvider = OrganizationContext.Provider;

/** The organization of the page and its wallet, both kept live, and what the reader may do. Throws outside its pages. */
export function useOrganization(): Shown {
  const shown = useContext(OrganizationContext);
  if (!shown) throw new Error("useOrganization is for pages of an organization.");
  return shown;
}
