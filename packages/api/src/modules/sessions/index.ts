export { sessionsRouter } from "./sessions.router.ts";
