import { createContext, useContext } from "react";

const NonceContext = createContext("");

export const NonceProvider = NonceContext.Provider;

/** The nonce that every script element of this answer carries. In the browser empty: nobody may read it there. */
export function useNonce(): string | undefined {
  return useContext(NonceContext) || undefined;
}
