import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { allowLongBody, createDeadlineServer } from "./receive-deadline.ts";

/** A server that answers when it has read everything, and a connection to it. */
async function given({ onRequest = (_request: IncomingMessage) => {} } = {}): Promise<Socket> {
  const server = createDeadlineServer(
    (request, response) => {
      onRequest(request);
      request.resume().on("end", () => response.end("done"));
    },
    { headersMs: 200, bodyMs: 300 },
  );
  await once(server.listen(0, "127.0.0.1"), "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await once(socket, "connect");
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  return socket;
}

/** Sends a byte now and then until the other side hangs up; resolves with what it said. */
async function trickle(socket: Socket, byte: string): Promise<string> {
  let heard = "";
  socket.on("data", (chunk) => {
    heard += chunk;
  });
  socket.on("error", () => {});
  const sending = setInterval(() => socket.write(byte), 20);
  await new Promise((closed) => socket.once("close", closed)); // A reset comes before it when a byte was on its way.
  clearInterval(sending);
  return heard;
}

test("who sends headers without end is cut off", async () => {
  const socket = await given();
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n");
  expect(await trickle(socket, "x-a: b\r\n")).not.toContain("200 OK");
});

test("who sends a body without end is cut off, announced or in chunks", async () => {
  for (const header of ["content-length: 100000", "transfer-encoding: chunked"]) {
    const socket = await given();
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\n${header}\r\n\r\n`);
    expect(await trickle(socket, header.startsWith("content") ? "x" : "1\r\nx\r\n")).toBe("");
  }
});

test("a body that was allowed to take its time is heard to its end, and the connection serves the next", async () => {
  const socket = await given({ onRequest: allowLongBody });
  socket.write("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
  for (let n = 0; n < 30; n += 1) {
    socket.write("1\r\nx\r\n");
    await new Promise((later) => setTimeout(later, 20));
  }
  for (const rest of ["0\r\n\r\n", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nab"]) {
    socket.write(rest);
    expect(String((await once(socket, "data"))[0])).toContain("200 OK");
  }
});
