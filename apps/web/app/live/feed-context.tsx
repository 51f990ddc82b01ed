import { createContext, useContext } from "react";
import { createFeed, type Feed } from "./feed";

/** Outside an organization nothing is heard. */
const FeedContext = createContext<Feed>(createFeed("0"));

export const FeedProvider = FeedContext.Provider;

/** What the page has heard of the current organization. */
export function useFeed(): Feed {
  return useContext(FeedContext);
}
