import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A stretch of network between a pool and Postgres that can lose answers. */
export interface LossyProxy {
  url: string;
  /** From now on what the server answers is thrown away; the connection then breaks. New connections are sound. */
  loseAnswers(): void;
  /**
   * From now on whatever is sent either way disappears, and nobody is told: connections stay open. Those made until the network
   * is sound again never work.
   */
  swallow(): void;
  /** From now on the answers on the connections that exist disappear; what is sent to the server still arrives. */
  swallowAnswers(): void;
  /** Connections made from now on are sound. */
  mend(): void;
  close(): Promise<void>;
}

/** Listens on a free port of the loopback and passes bytes on to the database of the URL. */
export async function createProxy(databaseUrl: string): Promise<LossyProxy> {
  const target = new URL(databaseUrl);
  const pairs = new Set<{ client: Socket; server: Socket; isLosing: boolean; isMute: boolean; isDeaf: boolean }>();
  let isSwallowing = false;
  const listener = createServer((client) => {
    const server = connect(Number(target.port), target.hostname);
    const pair = { client, server, isLosing: false, isMute: isSwallowing, isDeaf: isSwallowing };
    pairs.add(pair);
    client.on("data", (bytes) => {
      if (!pair.isDeaf) server.write(bytes);
    });
    server.on("data", (bytes) => {
      if (pair.isLosing) client.destroy();
      else if (!pair.isMute) client.write(bytes);
    });
    for (const socket of [client, server]) {
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        client.destroy();
        server.end();
        pairs.delete(pair);
      });
    }
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const url = new URL(databaseUrl);
  url.port = String((listener.address() as AddressInfo).port);
  return {
    url: url.href,
    loseAnswers: () => {
      for (const pair of pairs) pair.isLosing = true;
    },
    swallow: () => {
      isSwallowing = true;
      for (const pair of pairs) pair.isMute = pair.isDeaf = true;
    },
    swallowAnswers: () => {
      for (const pair of pairs) pair.isMute = true;
    },
    mend: () => {
      isSwallowing = false;
    },
    close: async () => {
      for (const pair of pairs) pair.client.destroy();
      listener.close();
      await once(listener, "close");
    },
  };
}
