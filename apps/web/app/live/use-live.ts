import { useNavigate, useNavigation, useRevalidator } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";
import { browserApi, retryDelayMs } from "~/api/browser-client";
import { readApiError } from "~/api/read-error";
import type { Organization } from "~/api/types";
import { useToast } from "~/components/toaster";
import { movedPath } from "~/organization/moved-path";
import type { Role } from "~/organization/roles";
import { createFeed, type Feed, type SequencedEvent } from "./feed";

/** Why a page about an organization ended while it was open; `gone`: it was not connected when it happened. */
export type Ended = "removed" | "left" | "gone" | null;

/** What the reader's role became while the page was open. */
export interface OwnRoleChange {
  role: Role;
  previousRole: Role;
}

/**
 * The organization page's one hook for the live channel: follows the organization's log from where the loader read it, tells
 * the reader when their own role or membership changed, and follows the organization to a new address. After a lost connection
 * the channel resumes behind the last event heard.
 */
export function useLive(organization: Organization, myUserId: string) {
  const [feed] = useState(() => createFeed(organization.logSequence));
  const [ended, setEnded] = useState<Ended>(null);
  const [roleChange, setRoleChange] = useState<OwnRoleChange | null>(null);
  const moveTo = useMoveTo(organization.slug);
  const react = useOwnEvents(organization, { myUserId, moveTo, onRemoved: setEnded, onRoleChange: setRoleChange });
  const { revalidate } = useRevalidator();
  const { id: organizationId, slug } = organization;

  useEffect(() => {
    if (ended) return;
    let isOver = false;
    const stop = listen(slug, feed, {
      onEvent: (event) => react.current(event),
      async onMissing() {
        const found = await findOrganization(organizationId);
        if (isOver) return;
        if (found === "gone") setEnded("gone");
        else if (found !== "unknown" && found.slug !== slug) moveTo(found.slug);
      },
      onRefused: revalidate,
    });
    return () => {
      isOver = true;
      stop();
    };
  }, [organizationId, slug, feed, ended, react, moveTo, revalidate]);

  return { feed, ended, roleChange, dismissRoleChange: () => setRoleChange(null) };
}

interface Listener {
  onEvent: (event: SequencedEvent) => void;
  /** There is nothing at this address for the reader: either they were removed, or the organization has moved. */
  onMissing: () => void;
  /** No longer signed in, or no longer allowed to: the loaders lead to the right page. */
  onRefused: () => void;
}

/** Follows the organization's log into the feed, again and again until the returned function is called. */
function listen(slug: string, feed: Feed, { onEvent, onMissing, onRefused }: Listener): () => void {
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let subscription: { unsubscribe(): void } | undefined;
  const again = () => {
    timer = setTimeout(follow, retryDelayMs(attempt++));
  };

  function follow() {
    subscription = browserApi().live.organization.subscribe(
      { organization: slug, lastEventId: feed.lastSequence() },
      {
        onData({ id, data }) {
          attempt = 0;
          const event: SequencedEvent = { ...data, sequence: id };
          if (feed.append(event)) onEvent(event);
        },
        onError(error) {
          const status = readApiError(error)?.status;
          if (status === 401 || status === 403) return onRefused();
          if (status === 404) onMissing();
          again();
        },
        onComplete: again,
      },
    );
  }
  follow();
  return () => {
    clearTimeout(timer);
    subscription?.unsubscribe();
  };
}

/** The organization as the reader's own list has it now; `unknown` while the server cannot be asked. */
async function findOrganization(organizationId: string) {
  const mine = await browserApi()
    .organizations.mine.query()
    .catch(() => undefined);
  if (!mine) return "unknown";
  return mine.find(({ id }) => id === organizationId) ?? "gone";
}

/**
 * Leads to the same page at the organization's new address. While another page is under way it waits: whoever has just sent
 * the setup step is being led there by its answer, and a second navigation would throw that answer away.
 */
function useMoveTo(slug: string) {
  const navigate = useNavigate();
  const { state } = useNavigation();
  const [wanted, setWanted] = useState(slug);
  useEffect(() => {
    if (state !== "idle" || wanted === slug) return;
    const moved = movedPath(new URL(window.location.href), slug, wanted);
    // Once: should it be interrupted, the old address still serves.
    setWanted(slug);
    if (moved) navigate(moved, { replace: true });
  }, [state, wanted, slug, navigate]);
  // Led there by another way, or moved once more meanwhile: then this is where it is.
  useEffect(() => setWanted(slug), [slug]);
  return setWanted;
}

interface OwnEvents {
  myUserId: string;
  moveTo: (slug: string) => void;
  onRemoved: (how: "removed" | "left") => void;
  onRoleChange: (change: OwnRoleChange) => void;
}

/** What the reader is told of events about themselves and about where the page is. */
function useOwnEvents(organization: Organization, { myUserId, moveTo, onRemoved, onRoleChange }: OwnEvents) {
  const say = useToast();
  const { revalidate } = useRevalidator();
  const react = useRef<(event: SequencedEvent) => void>(() => undefined);
  react.current = (event) => {
    if (event.type === "reset") revalidate();
    if (event.type === "member.removed" && event.payload.userId === myUserId) {
      onRemoved(event.payload.reason === "left" ? "left" : "removed");
    }
    if (event.type === "member.role_changed" && event.payload.userId === myUserId) {
      onRoleChange(event.payload);
      revalidate();
    }
    if (event.type === "organization.set_up") moveTo(event.payload.slug);
    if (event.type === "organization.slug_changed") {
      say(`${organization.name} has a new address: /o/${event.payload.slug}. The old one leads here, too.`);
      moveTo(event.payload.slug);
    }
  };
  return react;
}
