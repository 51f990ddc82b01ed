import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Server as SocketIoServer } from "socket.io";
import type { FanOutCommands } from "./stock-trpc-server.ts";
import { serveCommands } from "./worker.ts";

/** socket.io as its documentation shows it: one room, WebSockets only. */
const ROOM = "organization";
let io: SocketIoServer | undefined;
let lastId = 0;

serveCommands({
  /** @throws when socket.io is not installed */
  async listen() {
    const { Server } = await import("socket.io");
    const server = createServer();
    io = new Server(server, { transports: ["websocket"] });
    io.on("connection", (socket) => void socket.join(ROOM));
    return new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    });
  },
  async publish(events) {
    for (const event of events) {
      lastId += 1;
      io?.to(ROOM).emit("event", { id: String(lastId), data: event });
      await nextTurn();
    }
  },
} satisfies FanOutCommands);
