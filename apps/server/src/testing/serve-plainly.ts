import { pino } from "pino";
import { readEnvironment } from "../env.ts";
import { startPortal } from "../portal.ts";
import { plainPages } from "./plain-pages.ts";

/** A portal in a process of its own, for tests that kill it. Tells its parent the address; ends with its parent. */

const portal = await startPortal(readEnvironment(), pino({ level: "silent" }), { pages: plainPages() });
process.once("disconnect", () => void portal.stop().then(() => process.exit(0)));
process.send?.({ url: portal.url });
