import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";

/** How long a client may take to send, in milliseconds. */
export interface ReceiveDeadlines {
  /** A request's headers, from the connection or the request before it on. */
  headersMs: number;
  /** What comes after the headers, unless it was allowed to take its time. */
  bodyMs: number;
}

const DEADLINES: ReceiveDeadlines = { headersMs: 20_000, bodyMs: 120_000 };

/** Requests whose bodies are on their way, and until when, by performance.now(). A look at all now and then is cheaper than a timer each. */
const arriving = new Map<IncomingMessage, number>();

/**
 * Makes a server that nobody can keep busy by sending slowly. Node's own limit for a whole request (`requestTimeout`) is off,
 * for it knows no exception and would cut every stream after five minutes; its limit for headers stays, and bodies have one of
 * ours: a connection whose body is not there in time is cut.
 */
export function createDeadlineServer(listener: RequestListener, deadlines: ReceiveDeadlines = DEADLINES): Server {
  const { headersMs, bodyMs } = deadlines;
  const checkEveryMs = Math.min(headersMs, 10_000);
  const limits = { requestTimeout: 0, headersTimeout: headersMs, connectionsCheckingInterval: checkEveryMs };
  const server = createServer(limits, (request, response) => {
    if (hasBody(request)) expectBody(request, bodyMs);
    listener(request, response);
  });
  const looking = setInterval(cutLateBodies, Math.min(bodyMs / 4, 10_000)).unref();
  return server.once("close", () => clearInterval(looking));
}

/** Lets a request's body take as long as it takes. For requests whose sender is known, and that have a limit of their own. */
export function allowLongBody(request: IncomingMessage | undefined): void {
  if (request) arriving.delete(request);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

function expectBody(request: IncomingMessage, bodyMs: number): void {
  arriving.set(request, performance.now() + bodyMs);
  request.once("end", forget);
}

function forget(this: IncomingMessage): void {
  arriving.delete(this);
}

function cutLateBodies(): void {
  const nowMs = performance.now();
  for (const [request, untilMs] of arriving) {
    if (untilMs > nowMs) continue;
    arriving.delete(request);
    // Complete and not yet read is the reader's matter. Answered and not complete is not: nobody reads on, but it would stay open.
    if (!request.complete) request.socket.destroy();
  }
}
