import { newId } from "@guildhall/shared";
import { drive } from "../drive.ts";
import { createPost, HttpConnection } from "../http/http-connection.ts";
import { serveCommands } from "./worker.ts";

/** A load of POSTs, each with new idempotency keys. */
export interface HttpLoad {
  port: number;
  path: string;
  headers: Record<string, string>;
  /** One item of the body; its idempotencyKey is filled in. */
  item: Record<string, unknown>;
  /** Items per request: 1 sends the item itself, more a list of items. */
  itemsPerRequest: number;
  connections: number;
  durationMs: number;
}

export interface HttpLoadResult {
  itemsPerSecond: number;
  /** Requests by status. */
  statuses: Record<number, number>;
  /** An answer that was no success. */
  firstFailure: string | null;
}

export type HttpLoadCommands = { load(load: HttpLoad): Promise<HttpLoadResult> };

async function run(load: HttpLoad): Promise<HttpLoadResult> {
  const connections = await Promise.all(Array.from({ length: load.connections }, () => HttpConnection.open(load.port)));
  const post = createPost(load.path, load.headers);
  const writeBody = createBodies(load);
  const statuses: Record<number, number> = {};
  let firstFailure: string | null = null;
  const idle = [...connections];
  const itemsPerSecond = await drive({ inFlight: load.connections, durationMs: load.durationMs }, async () => {
    const connection = idle.pop() as HttpConnection;
    const { status, body } = await connection.send(post(writeBody()));
    idle.push(connection);
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status >= 300) firstFailure ??= `${status} ${body}`;
    return status < 300 ? load.itemsPerRequest : 0;
  });
  for (const connection of connections) connection.close();
  return { itemsPerSecond, statuses, firstFailure };
}

/** Makes bodies that differ in their keys alone. */
function createBodies({ item, itemsPerRequest }: HttpLoad): () => string {
  const start = `${JSON.stringify(item).slice(0, -1)},"idempotencyKey":"`;
  const writeItem = () => `${start}${newId()}"}`;
  if (itemsPerRequest === 1) return writeItem;
  return () => `{"items":[${Array.from({ length: itemsPerRequest }, writeItem).join(",")}]}`;
}

serveCommands({ load: run });
