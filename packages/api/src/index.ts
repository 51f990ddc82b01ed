/** Types only: what a page may know of the server. Nothing here exists at run time. */
export type { AppRouter, RouterInputs, RouterOutputs } from "./trpc/app.router.ts";
export type { ErrorData } from "./trpc/error-mapping.ts";
