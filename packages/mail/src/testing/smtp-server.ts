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
  const talk: Talk = { message: { from: "", to: [], raw: "" } };
  let rest = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\r\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const answer = talk.body ? takeContent(line, talk, box) : answerCommand(line, talk, box);
      if (answer === HANG_UP) socket.destroy();
      else if (answer !== SILENCE) socket.write(`${answer}\r\n`);
    }
  });
  socket.write("220 test.example.com ESMTP\r\n");
}

const HANG_UP = "(hangs up)";
const SILENCE = "(says nothing)";

/** Where a conversation has come to. */
interface Talk {
  message: ReceivedMessage;
  refusal?: Refusal | undefined;
  /** The lines of a message that is coming in. */
  body?: string[] | undefined;
}

function answerCommand(line: string, talk: Talk, box: Mailbox): string {
  const address = /<([^>]*)>/.exec(line)?.[1] ?? "";
  switch (line.slice(0, 4).toUpperCase()) {
    case "MAIL":
      talk.message = { from: address, to: [], raw: "" };
      talk.refusal = box.refusals.shift();
      return "250 sender ok";
    case "RCPT":
      box.attempts.push(address);
      if (talk.refusal?.at === "rcpt") return talk.refusal.answer;
      talk.message.to.push(address);
      return "250 recipient ok";
    case "DATA":
      talk.body = [];
      return "354 go on";
    case "QUIT":
      return HANG_UP;
    default:
      return "250 test.example.com";
  }
}

function takeContent(line: string, talk: Talk, box: Mailbox): string {
  if (line !== ".") {
    talk.body?.push(line.startsWith(".") ? line.slice(1) : line);
    return SILENCE;
  }
  talk.message.raw = talk.body?.join("\n") ?? "";
  talk.body = undefined;
  const answer = talk.refusal?.at === "data" ? talk.refusal.answer : "take";
  if (answer === "take" || answer === "accept_and_hang_up") box.received.push(talk.message);
  if (answer === "take") return "250 taken";
  if (answer === "never") return SILENCE;
  return answer === "hang_up" || answer === "accept_and_hang_up" ? HANG_UP : answer;
}
