import { type Bus, watchPersonHints } from "@guildhall/live";
import type { Services } from "../../trpc/context.ts";
import { HINTS } from "./delivered-frame.ts";
import { createFanOutPace } from "./fan-out-pace.ts";
import type { LiveRequest } from "./live-stream.ts";
import { MemberChannel } from "./member-channel.ts";
import type { Seat, Watcher } from "./watcher.ts";

/** Serves streams to many watchers: a commit costs one read and one array of frames per audience, however many watch. */
export interface LiveHub {
  /** Takes a seat for a stream whose procedure has let the caller in. Delivers in a later turn of the event loop. */
  join(request: LiveRequest, watcher: Watcher): Seat;
}

/** Makes the hub of one process. It holds nothing for organizations and people that nobody watches. */
export function createLiveHub(services: Pick<Services, "db" | "bus" | "clock">): LiveHub {
  const pace = createFanOutPace();
  const channels = new Map<string, MemberChannel>();

  function channelOf(organizationId: string): MemberChannel {
    const known = channels.get(organizationId);
    if (known) return known;
    const onEmpty = () => void channels.delete(organizationId);
    const channel = new MemberChannel({ ...services, organizationId, pace, onEmpty });
    channels.set(organizationId, channel);
    return channel;
  }

  return {
    join(request, watcher) {
      if (request.kind === "person") return new PersonSeat(services.bus, request.userId, watcher);
      return channelOf(request.organizationId).take(request, watcher);
    },
  };
}

class PersonSeat implements Seat {
  readonly leave: () => void;

  constructor(bus: Bus, userId: string, watcher: Watcher) {
    this.leave = watchPersonHints(bus, userId, () => watcher.deliver(HINTS));
  }
}
