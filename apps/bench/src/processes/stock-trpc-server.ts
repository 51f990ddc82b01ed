import { EventEmitter, on } from "node:events";
import type { AddressInfo } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { initTRPC, tracked } from "@trpc/server";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { WebSocketServer } from "ws";
import { serveCommands } from "./worker.ts";

/** An event as our live channel delivers it. */
export interface BenchEvent {
  type: "organization.renamed";
  payload: { name: string };
  at: string;
}

/** A server that fans events out. */
export type FanOutCommands = {
  listen(input: null): Promise<number>;
  /** Sends the events to everybody who is connected, each in a turn of the loop, as they would come. */
  publish(events: BenchEvent[]): Promise<void>;
};

/** Subscriptions as tRPC's documentation shows them: a generator per client over a shared emitter, the stock ws adapter. */
const events = new EventEmitter().setMaxListeners(0);
const t = initTRPC.create();
let lastId = 0;

const router = t.router({
  live: t.procedure.subscription(async function* ({ signal }) {
    const options = signal ? { signal } : {};
    for await (const [id, event] of on(events, "event", options)) {
      yield tracked(String(id), event as BenchEvent);
    }
  }),
});

serveCommands({
  listen: () =>
    new Promise((resolve) => {
      const wss = new WebSocketServer({ host: "127.0.0.1", port: 0 });
      applyWSSHandler({ wss, router, createContext: () => ({}) });
      wss.once("listening", () => resolve((wss.address() as AddressInfo).port));
    }),
  async publish(published) {
    for (const event of published) {
      lastId += 1;
      events.emit("event", lastId, event);
      await nextTurn();
    }
  },
} satisfies FanOutCommands);
