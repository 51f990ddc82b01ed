import { createContext, useContext } from "react";
import type { EmailStatus, Me, MyEnterprise, MyOrganization } from "~/api/types";

/** What every signed-in page knows. */
export interface Portal {
  me: Me;
  /** The reader's address, kept live. */
  email: EmailStatus;
  organizations: MyOrganization[];
  /** The enterprises that the reader administers. */
  enterprises: MyEnterprise[];
  /** The organization that the frame is about: of the address, or the last one on pages of the person. */
  current: MyOrganization | undefined;
  /** What the reader may do in the current organization. */
  permissions: readonly string[];
}

const PortalContext = createContext<Portal | undefined>(undefined);

export const PortalProvider = PortalContext.Provider;

/** The signed-in person and their organizations, kept live. Throws outside the portal's pages. */
export function usePortal(): Portal {
  const portal = useContext(PortalContext);
  if (!portal) throw new Error("usePortal is for pages inside the portal.");
  return portal;
}
