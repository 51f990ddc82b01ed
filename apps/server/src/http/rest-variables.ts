import type { ApiKeyActor } from "@guildhall/api/server";
import type { HttpVariables } from "./variables.ts";

/** What middleware of the interface for programs leaves for its routes. */
export type RestVariables = Pick<HttpVariables, "requestId"> & {
  /** Whom the key acts for. */
  actor: ApiKeyActor;
  /** Reads the key again, for requests that last. @throws invalid_api_key */
  readActor(): Promise<ApiKeyActor>;
};
