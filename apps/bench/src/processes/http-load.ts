import { newId } from "@guildhall/shared";
import { drive } from "../drive.ts";
import { HttpConnection, postText } from "../http/http-connection.ts";
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
  const statuses: Record<number, number> = {};
  let firstFailure: string | null = null;
  const idle = [...connections];
  const itemsPerSecond = await drive({ inFlight: load.connections, durationMs: load.durationMs }, async () => {
    const connection = idle.pop() as HttpConnection;
    const { status, body } = await connection.send(postText(load.path, bodyOf(load), load.headers));
    idle.push(connection);
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status >= 300) firstFailure ??= `${status} ${body}`;
    return status < 300 ? load.itemsPerRequest : 0;
  });
  for (const connection of connections) connection.close();
  return { itemsPerSecond, statuses, firstFailure };
}

function bodyOf({ item, itemsPerRequest }: HttpLoad): string {
  if (itemsPerRequest === 1) return JSON.stringify({ ...item, idempotencyKey: newId() });
  const items = Array.from({ length: itemsPerRequest }, () => ({ ...item, idempotencyKey: newId() }));
  return JSON.stringify({ items });
}

serveCommands({ load: run });
