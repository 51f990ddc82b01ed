import { type Protocol, Watcher } from "../sockets/watcher.ts";
import { serveCommands } from "./worker.ts";

export interface OpenWatchers {
  port: number;
  path: string;
  protocol: Protocol;
  /** Headers of each watcher. */
  headers: Record<string, string>[];
}

/** An event as the watchers got it. */
export interface Received {
  text: string;
  /** When each watcher got it: milliseconds since the epoch. */
  atMs: Float64Array;
}

export type WatcherCommands = {
  open(options: OpenWatchers): Promise<number>;
  /** Resolves with the time (milliseconds since the epoch) at which every watcher had so many more events, in order. */
  expect(options: { events: number; withinMs: number }): Promise<number>;
  /** Notes every event with its times, until `received` is asked. */
  record(input: null): Promise<void>;
  received(input: null): Promise<Received[]>;
  /** How many events the watcher had that had fewest, since it opened. */
  fewest(input: null): Promise<number>;
  closeAll(input: null): Promise<void>;
};

/** So many upgrades are under way at once. */
const OPENING = 50;
/** Every so many watchers one reads its events and checks their order; the others count them. */
const CHECKED_EVERY = 100;

let watchers: Watcher[] = [];
/** How many events each has had. */
let had: number[] = [];
let expected:
  | { events: number; left: number; counts: Uint32Array; done(atMs: number): void; fail(error: Error): void }
  | undefined;
let recording: Map<string, { atMs: number[] }> | undefined;
/** The number in the last event that a checking watcher saw. */
let lastNumbers: number[] = [];

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

function receive(place: number, payload: Buffer): void {
  had[place] = (had[place] ?? 0) + 1;
  if (recording) note(recording, payload);
  if (place % CHECKED_EVERY === 0) checkOrder(place, payload);
  if (!expected) return;
  const count = (expected.counts[place] ?? 0) + 1;
  expected.counts[place] = count;
  if (count !== expected.events) return;
  expected.left -= 1;
  if (expected.left === 0) expected.done(nowMs());
}

function note(events: NonNullable<typeof recording>, payload: Buffer): void {
  const text = payload.toString("latin1");
  const event = events.get(text) ?? { atMs: [] };
  events.set(text, event);
  event.atMs.push(nowMs());
}

/** Events of a burst are numbered; each watcher must get every one, in order. */
function checkOrder(place: number, payload: Buffer): void {
  const number = /Event (\d+)/.exec(payload.toString("latin1"))?.[1];
  if (number === undefined) return;
  const last = lastNumbers[place];
  if (last !== undefined && Number(number) !== last + 1)
    expected?.fail(new Error(`Event ${number} came after ${last}.`));
  lastNumbers[place] = Number(number);
}

const commands: WatcherCommands = {
  async open({ port, path, protocol, headers }) {
    const left = headers.map((_, place) => place).reverse();
    const openNext = async () => {
      for (let place = left.pop(); place !== undefined; place = left.pop()) {
        const at = place;
        const options = { port, path, protocol, headers: headers[at] ?? {} };
        watchers[at] = await Watcher.open({ ...options, onEvent: (payload) => receive(at, payload) });
      }
    };
    await Promise.all(Array.from({ length: OPENING }, openNext));
    return watchers.length;
  },
  expect: ({ events, withinMs }) =>
    new Promise((done, reject) => {
      const fail = (error: Error) => {
        expected = undefined;
        reject(error);
      };
      const late = setTimeout(() => {
        fail(
          new Error(`${expected?.left} of ${watchers.length} watchers did not get ${events} events in ${withinMs} ms.`),
        );
      }, withinMs);
      const finish = (atMs: number) => {
        clearTimeout(late);
        expected = undefined;
        done(atMs);
      };
      const counts = new Uint32Array(watchers.length);
      expected = { events, left: watchers.length, counts, done: finish, fail };
    }),
  async record() {
    recording = new Map();
  },
  async received() {
    const all = [...(recording ?? [])].map(([text, { atMs }]) => ({ text, atMs: Float64Array.from(atMs) }));
    recording = undefined;
    return all;
  },
  fewest: async () => watchers.reduce((fewest, _, place) => Math.min(fewest, had[place] ?? 0), Number.MAX_SAFE_INTEGER),
  async closeAll() {
    for (const watcher of watchers) watcher.close();
    watchers = [];
    had = [];
    lastNumbers = [];
  },
};

serveCommands(commands);
