import { DomainError } from "@guildhall/shared";
import type { Context } from "hono";

/** How pages of something become one file. */
interface FileText<T> {
  head: string;
  row: (one: T, index: number) => string;
  tail?: string;
}

/**
 * Writes a file as its pages are read, one after the other and only as fast as it is taken; hanging up ends the reading. A page
 * that fails breaks the file off: whoever takes it sees that it is not whole.
 */
export function streamPages<T>(pages: AsyncGenerator<T[]>, file: FileText<T>): ReadableStream<Uint8Array> {
  let pending = file.head;
  let written = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        // A page without a row is no chunk: whoever waits for one would wait for good.
        for (;;) {
          const { done, value } = await pages.next();
          const text = pending + (done ? (file.tail ?? "") : value.map((one) => file.row(one, written++)).join(""));
          pending = "";
          if (text !== "") controller.enqueue(Buffer.from(text));
          if (done) return controller.close();
          if (text !== "") return;
        }
      },
      async cancel() {
        await pages.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}

/** A link that was clicked leads to the door and back; a program is told. @throws unauthenticated */
export function refuseSignedOut(c: Context): Response {
  if (!c.req.header("accept")?.includes("text/html")) throw new DomainError("unauthenticated");
  const { pathname, search } = new URL(c.req.url);
  return c.redirect(`/sign-in?next=${encodeURIComponent(pathname + search)}`, 303);
}
