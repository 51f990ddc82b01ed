export { transfersRouter } from "./transfers.router.ts";
