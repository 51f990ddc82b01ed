import type { Figure } from "../figure.ts";
import { describeRates } from "../scenarios/debit-race.ts";
import { needSocketIo, raceFanOut } from "../scenarios/fan-out-race.ts";
import { medianRatio } from "../statistics.ts";

export const fanOutAgainstSocketIo: Figure = {
  name: "fan-out-against-socket-io",
  about: "Events delivered to 2,000 watchers of one organization, from the commit on, against a socket.io room",
  unit: "times",
  better: "higher",
  goal: 2,
  gate: 1.5,
  async measure(bench) {
    const { ours, ...peers } = await raceFanOut(bench);
    const socketIo = needSocketIo(peers.socketIo);
    return { value: medianRatio(ours, socketIo), note: describeRates(ours, socketIo) };
  },
};
