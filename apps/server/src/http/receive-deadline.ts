import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";

/** How long a client may take to send, in milliseconds. */
export interface ReceiveDeadlines {
  /** A request's headers, from the connection or the request before it on. */
  headersMs: number;
  /** What comes after the headers, unless it was allowed to take its time. */
  bodyMs: number;
}

const DEADLINES: ReceiveDeadlines = { headersMs: 20_000, bodyMs: 120_000 };

const timers = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/**
 * Makes a server that nobody can keep busy by sending slowly. Node's own limit for a whole request (`requestTimeout`) is off,
 * for it knows no exception and would cut every stream after five minutes; its limit for headers stays, and bodies have one of
 * ours: a connection whose body is not there in time is cut.
 */
export function createDeadlineServer(listener: RequestListener, deadlines: ReceiveDeadlines = DEADLINES): Server {
  const { headersMs, bodyMs } = deadlines;
  const checkEveryMs = Math.min(headersMs, 10_000);
  const limits = { requestTimeout: 0, headersTimeout: headersMs, connectionsCheckingInterval: checkEveryMs };
  return createServer(limits, (request, response) => {
    if (hasBody(request)) limitBodyTime(request, bodyMs);
    listener(request, response);
  });
}

/** Lets a request's body take as long as it takes. For requests whose sender is known, and that have a limit of their own. */
export function allowLongBody(request: IncomingMessage | undefined): void {
  if (request) clearTimeout(timers.get(request));
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

function limitBodyTime(request: IncomingMessage, bodyMs: number): void {
  // Complete and not yet read is the reader's matter. Answered and not complete is not: nobody reads on, but it would stay open.
  const timer = setTimeout(() => request.complete || request.socket.destroy(), bodyMs).unref();
  timers.set(request, timer);
  request.once("end", () => clearTimeout(timer));
}
