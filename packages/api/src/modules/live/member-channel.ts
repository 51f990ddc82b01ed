import { type Feed, joinFeed, type LoggedEvent, readGap } from "@guildhall/live";
import { DomainError } from "@guildhall/shared";
import type { Services } from "../../trpc/context.ts";
import { admit, type Standing } from "./audience-policy.ts";
import { frameOf, type LoggedFrame, resetFrame, sequenceOf } from "./delivered-frame.ts";
import type { FanOutPace } from "./fan-out-pace.ts";
import { isBeforeJoining, readStanding } from "./live.queries.ts";
import { StretchView } from "./stretch-view.ts";
import type { Seat, Watcher } from "./watcher.ts";

export interface MemberChannelOptions extends Pick<Services, "db" | "bus" | "clock"> {
  organizationId: string;
  pace: FanOutPace;
  /** The last watcher has left: this channel is over. */
  onEmpty(): void;
}

interface MemberRequest {
  userId: string;
  lastEventId: string | null;
}

/** How long one turn of the event loop may go into deliveries, in milliseconds; then others get theirs. */
const SLICE_MS = 8;
/** So many watchers are served between two looks at the clock. */
const SERVED_PER_LOOK = 64;

/**
 * The watchers of one organization. Who has caught up is served straight from the feed, in rounds; who has not reads the
 * log page by page first. Each watcher has a place of its own in the log, so nothing is skipped and nothing comes twice,
 * whatever happens in between.
 */
export class MemberChannel {
  private readonly options: MemberChannelOptions;
  private readonly feed: Feed;
  /** Those who have caught up with the feed. */
  private readonly seats = new Set<MemberSeat>();
  private seatCount = 0;
  private round: Iterator<MemberSeat> | undefined;
  /** What a round delivers after which sequence: the same to everybody there, though the feed may move on meanwhile. */
  private readonly roundStretches = new Map<bigint, readonly LoggedEvent[] | undefined>();
  private isRoundStale = false;
  /** A round is to begin as soon as the pace allows it. */
  private isWaiting = false;
  private readonly views = new WeakMap<readonly LoggedEvent[], StretchView>();

  constructor(options: MemberChannelOptions) {
    this.options = options;
    this.feed = joinFeed({ ...options, onChange: () => this.startRound() });
  }

  /** From this call on no wake-up is missed. */
  take(request: MemberRequest, watcher: Watcher): Seat {
    const seat = new MemberSeat(this, request.userId, watcher);
    this.seatCount += 1;
    this.settle(seat, request.lastEventId).catch((error: unknown) => this.fail(seat, error));
    return seat;
  }

  /** Called once per seat. */
  release(seat: MemberSeat): void {
    this.seats.delete(seat);
    this.seatCount -= 1;
    if (this.seatCount > 0) return;
    this.options.onEmpty();
    this.feed.release();
  }

  private async settle(seat: MemberSeat, lastEventId: string | null): Promise<void> {
    const { asOf } = await this.readStandingOf(seat);
    seat.cursor = lastEventId === null ? asOf : sequenceOf(lastEventId);
    const { db, organizationId } = this.options;
    const isTooEarly =
      seat.cursor < asOf && (await isBeforeJoining(db, { organizationId, userId: seat.userId }, seat.cursor));
    if (isTooEarly) await this.reset(seat, asOf);
    if (seat.cursor === asOf) this.feed.settle(asOf);
    // Only the log can tell what to do with a sequence that it has not reached: the feed would wait for it.
    if (seat.cursor > asOf) await this.readPage(seat);
    await this.catchUp(seat);
  }

  private async catchUp(seat: MemberSeat): Promise<void> {
    while (seat.isTaken) {
      await seat.watcher.drained();
      if (!seat.isTaken) return;
      // In one turn: nothing can come between the last of the feed's memory and the first round.
      if (this.advance(seat, this.feed.after(seat.cursor))) {
        if (seat.isTaken) this.seats.add(seat);
        return;
      }
      await this.readPage(seat);
    }
  }

  private async readPage(seat: MemberSeat): Promise<void> {
    const gap = await readGap(this.options, seat.cursor);
    if (!seat.isTaken) return;
    if ("resetTo" in gap) return this.reset(seat, gap.resetTo);
    if (gap.events.length > 0) this.deliver(seat, gap.events);
    if (gap.isLast) this.feed.settle(seat.cursor);
  }

  private async reset(seat: MemberSeat, head: bigint): Promise<void> {
    // What was skipped may have changed the role, or ended the membership.
    await this.readStandingOf(seat);
    seat.cursor = head;
    this.feed.settle(head);
    if (seat.isTaken) seat.watcher.deliver([resetFrame(head, this.options.clock.now())]);
  }

  private async readStandingOf(seat: MemberSeat): Promise<Standing> {
    const { db, organizationId } = this.options;
    const standing = await readStanding(db, { organizationId, userId: seat.userId });
    if (!standing) throw new DomainError("not_found");
    seat.standing = standing;
    return standing;
  }

  /** The feed has something new. Whoever was served before it in the round under way gets it in the next one. */
  private startRound(): void {
    if (this.round) this.isRoundStale = true;
    if (this.round || this.isWaiting) return;
    this.isWaiting = true;
    this.options.pace.whenFree(() => {
      this.isWaiting = false;
      this.serve(this.seats.values());
    });
  }

  private serve(round: Iterator<MemberSeat>): void {
    const isOver = this.options.pace.run(() => this.serveSome(round, performance.now() + SLICE_MS));
    this.round = isOver ? undefined : round;
    if (isOver) this.roundStretches.clear();
    if (!isOver) setImmediate(() => this.serve(round));
    else if (this.isRoundStale) setImmediate(() => this.startRound());
    if (isOver) this.isRoundStale = false;
  }

  /** Serves until the time is up; says whether everybody had their turn. */
  private serveSome(round: Iterator<MemberSeat>, untilMs: number): boolean {
    let served = 0;
    for (let next = round.next(); !next.done; next = round.next()) {
      if (!this.advance(next.value, this.roundStretchAfter(next.value.cursor))) this.fallBehind(next.value);
      served += 1;
      if (served % SERVED_PER_LOOK === 0 && performance.now() > untilMs) return false;
    }
    return true;
  }

  private roundStretchAfter(cursor: bigint): readonly LoggedEvent[] | undefined {
    if (!this.roundStretches.has(cursor)) this.roundStretches.set(cursor, this.feed.after(cursor));
    return this.roundStretches.get(cursor);
  }

  /** Delivers what the feed has for a watcher. False when its memory does not reach back to where the watcher is. */
  private advance(seat: MemberSeat, stretch: readonly LoggedEvent[] | undefined): boolean {
    if (stretch !== undefined && stretch.length > 0) this.deliver(seat, stretch);
    return stretch !== undefined;
  }

  private fallBehind(seat: MemberSeat): void {
    this.seats.delete(seat);
    this.catchUp(seat).catch((error: unknown) => this.fail(seat, error));
  }

  private deliver(seat: MemberSeat, stretch: readonly LoggedEvent[]): void {
    const view = this.views.get(stretch) ?? new StretchView(stretch);
    this.views.set(stretch, view);
    if (view.isAbout(seat.userId)) {
      this.deliverEach(seat, stretch);
      return;
    }
    seat.cursor = view.last;
    const frames = view.framesFor(standingOf(seat).role);
    if (frames.length > 0) seat.watcher.deliver(frames);
  }

  /** A stretch that is about the watcher may change what the rest of it means to them. */
  private deliverEach(seat: MemberSeat, stretch: readonly LoggedEvent[]): void {
    const frames: LoggedFrame[] = [];
    let isLast = false;
    for (const logged of stretch) {
      const admission = admit(standingOf(seat), { ...logged.event, ...logged });
      seat.standing = admission.standing;
      seat.cursor = logged.sequence;
      if (admission.isDelivered) frames.push(frameOf(logged));
      isLast = admission.isLast;
      if (isLast) break;
    }
    if (frames.length > 0) seat.watcher.deliver(frames);
    if (isLast) this.end(seat);
  }

  private fail(seat: MemberSeat, error: unknown): void {
    this.end(seat, error);
  }

  private end(seat: MemberSeat, failure?: unknown): void {
    if (!seat.isTaken) return;
    seat.leave();
    seat.watcher.end(failure);
  }
}

/** All that a watcher costs here. */
class MemberSeat implements Seat {
  readonly userId: string;
  readonly watcher: Watcher;
  isTaken = true;
  standing: Standing | undefined = undefined;
  /** The last sequence that was delivered, or passed over because it is not for this watcher. */
  cursor = 0n;
  private readonly channel: MemberChannel;

  constructor(channel: MemberChannel, userId: string, watcher: Watcher) {
    this.channel = channel;
    this.userId = userId;
    this.watcher = watcher;
  }

  leave(): void {
    if (!this.isTaken) return;
    this.isTaken = false;
    this.channel.release(this);
  }
}

function standingOf({ standing }: MemberSeat): Standing {
  if (!standing) throw new Error("A watcher was served before it was known what they are.");
  return standing;
}
