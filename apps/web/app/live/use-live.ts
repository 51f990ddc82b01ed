import { useNavigate, useRevalidator } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";
import { browserApi, retryDelayMs } from "~/api/browser-client";
import { readApiError } from "~/api/read-error";
import type { Organization } from "~/api/types";
import { useToast } from "~/components/toaster";
import { roleLabel } from "~/organization/roles";
import { createFeed, type Feed, type SequencedEvent } from "./feed";

/** Why a page about an organization ended while it was open. */
export type Ended = "removed" | null;

/**
 * The organization page's one hook for the live channel: follows the organization's log from where the loader read it, tells
 * the reader when their own role or membership changed, and follows the organization to a new address. After a lost connection
 * the channel resumes behind the last event heard.
 */
export function useLive(organization: Organization, myUserId: string): { feed: Feed; ended: Ended } {
  const [feed] = useState(() => createFeed(organization.logSequence));
  const [ended, setEnded] = useState<Ended>(null);
  const react = useOwnEvents(organization, myUserId, () => setEnded("removed"));
  const { revalidate } = useRevalidator();
  const { slug } = organization;

  useEffect(() => {
    if (ended) return;
    let attempt = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let subscription: { unsubscribe(): void } | undefined;

    function follow() {
      subscription = browserApi().live.organization.subscribe(
        { organization: slug, lastEventId: feed.lastSequence() },
        {
          onData({ id, data }) {
            attempt = 0;
            const event: SequencedEvent = { ...data, sequence: id };
            if (feed.append(event)) react.current(event);
          },
          onError(error) {
            const status = readApiError(error)?.status;
            if (status === 404) return setEnded("removed");
            // No longer signed in, or no longer allowed to: the loaders lead to the right page.
            if (status === 401 || status === 403) return revalidate();
            timer = setTimeout(follow, retryDelayMs(attempt++));
          },
          onComplete() {
            timer = setTimeout(follow, retryDelayMs(attempt++));
          },
        },
      );
    }
    follow();
    return () => {
      clearTimeout(timer);
      subscription?.unsubscribe();
    };
  }, [slug, feed, ended, react, revalidate]);

  return { feed, ended };
}

/** What the reader is told of events about themselves and about where the page is. */
function useOwnEvents(organization: Organization, myUserId: string, onRemoved: () => void) {
  const say = useToast();
  const navigate = useNavigate();
  const { revalidate } = useRevalidator();
  const react = useRef<(event: SequencedEvent) => void>(() => undefined);
  react.current = (event) => {
    if (event.type === "reset") revalidate();
    if (event.type === "member.removed" && event.payload.userId === myUserId) onRemoved();
    if (event.type === "member.role_changed" && event.payload.userId === myUserId) {
      say(`Your role in ${organization.name} is now ${roleLabel(event.payload.role)}.`);
      revalidate();
    }
    if (event.type === "organization.set_up" && event.payload.slug !== organization.slug) {
      const { pathname, search } = window.location;
      navigate(pathname.replace(`/o/${organization.slug}`, `/o/${event.payload.slug}`) + search, { replace: true });
    }
  };
  return react;
}
