/** An answer of tRPC's adapter, as far as it matters here. */
interface Answer {
  id?: unknown;
  jsonrpc?: unknown;
  result?: { type?: unknown; id?: unknown; data?: unknown };
}

const texts = new WeakMap<object, string>();

/**
 * Turns an answer into text. An event of a log is a shared object, the same for everybody who follows the organization:
 * its own text is made once, however many sockets it goes to. The envelope is tRPC's.
 */
export function encodeFrame(message: unknown): string {
  const event = eventOf(message as Answer);
  if (!event) return JSON.stringify(message);
  const { id, result } = message as Answer;
  const eventId = JSON.stringify(result?.id);
  const data = `{"id":${eventId},"data":${textOf(event)}}`;
  return `{"id":${JSON.stringify(id)},"result":{"type":"data","id":${eventId},"data":${data}}}`;
}

/** The event inside of a tracked delivery; undefined for every other answer. */
function eventOf({ jsonrpc, result }: Answer): object | undefined {
  if (jsonrpc !== undefined || result?.type !== "data" || typeof result.id !== "string") return undefined;
  const envelope = result.data as { id?: unknown; data?: unknown } | null | undefined;
  if (envelope?.id !== result.id || typeof envelope.data !== "object") return undefined;
  return envelope.data ?? undefined;
}

function textOf(event: object): string {
  const known = texts.get(event);
  if (known !== undefined) return known;
  const text = JSON.stringify(event);
  texts.set(event, text);
  return text;
}
