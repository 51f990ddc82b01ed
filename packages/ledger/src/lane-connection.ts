import type { Database } from "@guildhall/db";

/** The one connection of a lane, which is given up for a new one when it is silent for too long. */
export interface LaneConnection {
  /**
   * Does what is asked on the connection. Nothing that was begun on one that was given up reaches the database any more, except
   * what had been sent.
   * @throws UnansweredError when the connection was silent for too long: what was sent may have happened or not.
   */
  attempt<T>(work: (db: Database) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** The database did not answer in time, though nobody said that the connection is broken. */
export class UnansweredError extends Error {
  override readonly name = "UnansweredError";
  readonly code = "CONNECTION_CLOSED";
}

interface UnderWay {
  deadline: NodeJS.Timeout;
  giveUp(): void;
}

/** `open` makes a pool of one connection. A network that swallows what is sent would be waited for without an end otherwise. */
export function createLaneConnection(open: () => Database, answerWithinMs: number): LaneConnection {
  let current = { db: open(), underWay: new Set<UnderWay>() };

  function abandon(silent: typeof current): void {
    // Closing asks nobody on the other side; whoever still waits for this connection could wait for ever.
    if (current === silent) current = { db: open(), underWay: new Set() };
    for (const { giveUp } of silent.underWay) giveUp();
    void silent.db.close(0);
  }

  return {
    attempt<T>(work: (db: Database) => Promise<T>): Promise<T> {
      const used = current;
      return new Promise((resolve, reject) => {
        const mine: UnderWay = {
          deadline: setTimeout(() => abandon(used), answerWithinMs),
          giveUp() {
            end();
            reject(new UnansweredError(`The database did not answer within ${answerWithinMs} ms.`));
          },
        };
        function end(): void {
          clearTimeout(mine.deadline);
          used.underWay.delete(mine);
        }
        used.underWay.add(mine);
        work(used.db)
          .finally(() => {
            end();
            // The connection has spoken: what waited behind this one has its whole time from now on.
            for (const { deadline } of used.underWay) deadline.refresh();
          })
          .then(resolve, reject);
      });
    },
    close: () => current.db.close(),
  };
}
