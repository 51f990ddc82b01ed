import type { Logger } from "pino";
import { lineWriterOf } from "../log.ts";
import { logEnd, type RequestEnd } from "./request-log.ts";

/**
 * Makes a log of requests that end by the hundreds at once: the same lines as logEnd writes, but put together by hand and written once
 * per turn of the event loop. A line and a write of its own for each took a tenth of such a request. Where the log is not our
 * own JSON (a terminal, a test), it is logEnd.
 */
export function createAccessLog(log: Logger): (end: RequestEnd) => void {
  const write = lineWriterOf(log);
  if (!write || !log.isLevelEnabled("info")) return (end) => logEnd(log, end);
  let lines = "";
  const timestamp = createTimestamps();

  function flush(): void {
    const text = lines;
    lines = "";
    write?.(text);
  }

  /** Nothing in it needs escaping: ids and paths of a known form, and numbers. */
  return function logQuickly({ requestId, method, path, status, startedMs }) {
    if (lines === "") setImmediate(flush);
    const durationMs = Math.round(performance.now() - startedMs);
    lines += `{"level":"info","time":"${timestamp()}","requestId":"${requestId}","method":"${method}","path":"${path}","status":${status},"durationMs":${durationMs},"msg":"request"}\n`;
  };
}

/** The time as text, made anew once a millisecond. */
function createTimestamps(): () => string {
  let madeMs = 0;
  let text = "";
  return () => {
    const nowMs = Date.now();
    if (nowMs !== madeMs) text = new Date(nowMs).toISOString();
    madeMs = nowMs;
    return text;
  };
}
