import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** A message that the server took. */
export interface ReceivedMessage {
  from: string;
  to: string[];
  /** Header and body as they came over the wire, with line ends and dots restored. */
  raw: string;
}

/** What the server does instead of taking a message. A line is answered ("451 later"); "hang_up" closes the connection. */
export type Refusal =
  | { at: "rcpt"; answer: string }
  | { at: "data"; answer: string }
  | { at: "data"; answer: "hang_up" }
  | { at: "data"; answer: "accept_and_hang_up" }
  | { at: "data"; answer: "never" };

/** A mail server of RFC 5321's minimum, on this machine, as rude as a test wants it. */
export interface SmtpServer {
  url: string;
  received: readonly ReceivedMessage[];
  /** Recipients of every attempt, refused ones too. */
  attempts: readonly string[];
  /** The next messages are refused like this, one after the other; then it takes all. */
  refuseNext(...refusals: Refusal[]): void;
  stop(): Promise<void>;
}

/** Starts it on a free port. */
export async function startSmtpServer(): Promise<SmtpServer> {
  const received: ReceivedMessage[] = [];
  const attempts: string[] = [];
  const refusals: Refusal[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    converse(socket, { received, attempts, refusals });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    attempts,
    refuseNext: (...more) => refusals.push(...more),
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

interface Mailbox {
  received: ReceivedMessage[];
  attempts: string[];
  refusals: Refusal[];
}

/** One connection: reads lines, answers each; after DATA collects until the line that is a dot. */
function converse(socket: Socket, box: Mailbox): void {
  let rest = "";
  let body: string[] | undefined;
  let message: ReceivedMessage = { from: "", to: [], raw: "" };
  let refusal: Refusal | undefined;
  const say = (line: string) => socket.write(`${line}\r\n`);
  const onLine = (line: string) => {
    if (body) {
      if (line !== ".") return void body.push(line.startsWith(".") ? line.slice(1) : line);
      message.raw = body.join("\n");
      body = undefined;
      return finish();
    }
    const address = /<([^>]*)>/.exec(line)?.[1] ?? "";
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "MAIL") {
      message = { from: address, to: [], raw: "" };
      refusal = box.refusals.shift();
      return void say("250 sender ok");
    }
    if (verb === "RCPT") {
      box.attempts.push(address);
      if (refusal?.at === "rcpt") return void say(refusal.answer);
      message.to.push(address);
      return void say("250 recipient ok");
    }
    if (verb === "DATA") {
      body = [];
      return void say("354 go on");
    }
    if (verb === "QUIT") return void socket.end("221 bye\r\n");
    say(verb === "EHLO" ? "250 test.example.com" : "250 ok");
  };
  const finish = () => {
    if (refusal?.at === "data" && refusal.answer === "never") return;
    if (refusal?.at === "data" && refusal.answer === "hang_up") return void socket.destroy();
    if (refusal?.at === "data" && refusal.answer !== "accept_and_hang_up") return void say(refusal.answer);
    box.received.push(message);
    if (refusal?.at === "data") return void socket.destroy();
    say("250 taken");
  };
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\r\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  say("220 test.example.com ESMTP");
}
