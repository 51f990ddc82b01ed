import { readEnvironment } from "./env.ts";
import { createLog } from "./log.ts";
import { startPortal } from "./portal.ts";
import { runUntilSignal } from "./run-until-signal.ts";

const environment = readEnvironment();
const log = createLog(environment);
await runUntilSignal({ start: () => startPortal(environment, log), log });
