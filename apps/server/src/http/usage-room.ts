import { DomainError } from "@guildhall/shared";

/** How much may be under way: over all organizations, and of it for one. */
export interface RoomSize {
  total: number;
  perOrganization: number;
}

/** A bounded room that organizations share fairly. Whoever enters leaves with the same count, also when it fails. */
export interface UsageRoom {
  /** Goes in at once, or not at all. @throws overloaded, with the seconds after which to ask again */
  enter(organizationId: string, count: number): void;
  /**
   * Goes in as soon as there is room. Those who wait are let in organization by organization in turn, so that one with many
   * waiting delays another by one turn only. `count` is at most what one organization may have.
   */
  waitToEnter(organizationId: string, count: number): Promise<void>;
  leave(organizationId: string, count: number): void;
}

type Waiting = { count: number; letIn(): void };

/** Makes a room. It keeps nothing of organizations that neither are in it nor wait. */
export function createUsageRoom({ total, perOrganization }: RoomSize, retryAfterSeconds: number): UsageRoom {
  const inside = new Map<string, number>();
  // In the order of their turns: whoever was let in goes to the end.
  const waiting = new Map<string, Waiting[]>();
  let insideCount = 0;

  function fits(organizationId: string, count: number): boolean {
    return insideCount + count <= total && (inside.get(organizationId) ?? 0) + count <= perOrganization;
  }

  function add(organizationId: string, count: number): void {
    const sum = (inside.get(organizationId) ?? 0) + count;
    insideCount += count;
    if (sum === 0) inside.delete(organizationId);
    else inside.set(organizationId, sum);
  }

  /** The next whose turn it is; an organization that has its share is passed over, one that waits for the room is not. */
  function letNextIn(): boolean {
    for (const [organizationId, queue] of waiting) {
      const [first] = queue;
      if (!first || (inside.get(organizationId) ?? 0) + first.count > perOrganization) continue;
      if (insideCount + first.count > total) return false;
      queue.shift();
      waiting.delete(organizationId);
      if (queue.length > 0) waiting.set(organizationId, queue);
      add(organizationId, first.count);
      first.letIn();
      return true;
    }
    return false;
  }

  return {
    enter(organizationId, count) {
      if (!fits(organizationId, count)) throw new DomainError("overloaded", { retryAfterSeconds });
      add(organizationId, count);
    },
    waitToEnter(organizationId, count) {
      return new Promise((letIn) => {
        const queue = waiting.get(organizationId) ?? [];
        queue.push({ count, letIn });
        waiting.set(organizationId, queue);
        while (letNextIn());
      });
    },
    leave(organizationId, count) {
      add(organizationId, -count);
      while (letNextIn());
    },
  };
}
