import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Refusal } from "./upgrade-policy.ts";

/** Answers an upgrade with a plain HTTP refusal and lets go of the socket, also when the other side never reads it. */
export function refuseUpgrade(socket: Duplex, { status, reason }: Refusal): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const retry = status === 429 || status === 503 ? ["Retry-After: 5"] : [];
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Connection: close",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(reason)}`,
    ...retry,
  ];
  socket.once("finish", () => socket.destroy());
  const cut = setTimeout(() => socket.destroy(), 1_000).unref();
  socket.once("close", () => clearTimeout(cut));
  socket.end(`${head.join("\r\n")}\r\n\r\n${reason}`);
}
