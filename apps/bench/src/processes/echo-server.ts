import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serveCommands } from "./worker.ts";

export type EchoCommands = { listen(input: null): Promise<number> };

/** The least that a JSON service does on Node: reads a body, parses it, answers JSON of about the same size. */
const server = createServer((request, response) => {
  let text = "";
  request.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  request.on("end", () => {
    const body = JSON.stringify({ echo: JSON.parse(text) });
    response.writeHead(201, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    response.end(body);
  });
});

serveCommands({
  listen: () =>
    new Promise((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    }),
});
