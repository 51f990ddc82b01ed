import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

/** An answer, whatever its status. */
export interface ApiAnswer {
  status: number;
  /** Parsed JSON; undefined when the body is none. */
  body: unknown;
  /** How long the server asks to wait, in milliseconds; undefined when it does not. */
  retryAfterMs: number | undefined;
}

/** One portal, one key, as many kept-alive connections as there are requests under way. */
export interface ApiClient {
  /** Sends one request. @throws when there is no answer: no connection, a connection cut, or the time is over. */
  send(method: "GET" | "POST", path: string, body?: unknown): Promise<ApiAnswer>;
  close(): void;
}

const TIMEOUT_MS = 30_000;

/** Makes a client. On node:http rather than fetch: a load generator must not eat the processor of what it measures. */
export function createApiClient(options: { url: string; key: string; connections: number }): ApiClient {
  const { url, key, connections } = options;
  const isSecure = url.startsWith("https:");
  const agent = new (isSecure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: connections });
  const request = isSecure ? httpsRequest : httpRequest;
  const authorization = `Bearer ${key}`;
  return {
    send(method, path, body) {
      const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const headers = {
        authorization,
        ...(payload && { "content-type": "application/json", "content-length": payload.length }),
      };
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      return new Promise((resolve, reject) => {
        const sent = request(`${url}/api/v1${path}`, { method, headers, agent, signal }, (message) => {
          readAnswer(message).then(resolve, reject);
        });
        sent.on("error", reject);
        sent.end(payload);
      });
    },
    close: () => agent.destroy(),
  };
}

async function readAnswer(message: IncomingMessage): Promise<ApiAnswer> {
  message.setEncoding("utf8");
  let text = "";
  for await (const chunk of message) text += chunk;
  return {
    status: message.statusCode ?? 0,
    body: parseJson(text),
    retryAfterMs: readRetryAfter(message.headers["retry-after"]),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** In seconds, or a date. */
function readRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
