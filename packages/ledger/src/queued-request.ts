import type { PostingRequest } from "./posting.ts";

/** Asks for nothing but what is due in a book. */
export type DueRequest = Omit<PostingRequest, "kind"> & { kind: "due" };

/** A request on its way, with the id that its key stands for. */
export interface QueuedRequest {
  request: PostingRequest | DueRequest;
  postingId: string;
}
