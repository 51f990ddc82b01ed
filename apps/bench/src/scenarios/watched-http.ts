import type { Bench } from "../bench.ts";
import type { OpenWatchers, WatcherCommands } from "../processes/watchers.ts";
import { startWorker, type Worker } from "../processes/worker.ts";
import { givenHttp, type HttpSetting } from "./http-race.ts";
import { watcherCount, watchersOf } from "./watched-portal.ts";

/** The portal of the HTTP figures, and a process that can watch its organization. */
export interface WatchedHttp extends HttpSetting {
  watch: OpenWatchers;
  watchers: Worker<WatcherCommands>;
}

/** Made once per run of the benchmark. Nobody watches yet: `watchers.ask("open", watch)`. */
export function givenWatchedHttp(bench: Bench): Promise<WatchedHttp> {
  return bench.once("watched http", async () => {
    const http = await givenHttp(bench);
    const watch = await watchersOf(http.organization, http.portal.port, watcherCount(bench));
    return { ...http, watch, watchers: startWorker<WatcherCommands>(bench, "watchers.ts") };
  });
}
