import { pgTest } from "@guildhall/db/testing";
import { createCaptureTransport, renderMail } from "@guildhall/mail";
import { exampleMails } from "@guildhall/mail/testing";
import { newId } from "@guildhall/shared";
import { expect } from "vitest";
import { devMail } from "./dev-mail.ts";

const home = { incoming: { socket: { remoteAddress: "127.0.0.1" } } };
const abroad = { incoming: { socket: { remoteAddress: "192.0.2.7" } } };

pgTest("captured mail is shown as a list, as HTML in which nothing runs, and as text", async ({ db }) => {
  const app = devMail(db);
  const get = async (path: string, headers = {}) =>
    (await app.request(`http://localhost:3000${path}`, { headers }, home as never)).text();
  expect(await get("/")).toContain("Nothing was sent yet");
  const transport = createCaptureTransport(db);
  const [id, to] = [newId(), "ada@example.com"];
  const rendered = renderMail({ ...exampleMails[0], name: "<script>alert(1)</script>" } as never);
  const mail = { ...rendered, id, to, messageId: "<1@x>", date: new Date() };
  await transport.send(mail, AbortSignal.timeout(30_000));
  expect(await get("/?to=ADA@example.com")).toContain(`href="/dev/mail/${id}"`);
  expect(await get("/?to=bob@example.com")).toContain("Nothing was sent to bob@example.com");
  const page = await get(`/${id}`);
  expect(page).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
  expect(page).not.toContain("<script");
  expect(page).toContain(`<a href="https://portal.example.com/some/page/`);
  const { text } = JSON.parse(await get(`/${id}`, { accept: "application/json" }));
  expect(text).toBe(rendered.text);
  expect(await get("/00000000-0000-0000-0000-000000000000")).toContain("not kept any more");
});

pgTest("for everybody who is not at this machine there is nothing", async ({ db }) => {
  const app = devMail(db);
  const ask = async (url: string, bindings: object, headers = {}) =>
    (await app.request(url, { headers }, bindings as never)).status;
  expect(await ask("http://localhost:3000/", home)).toBe(200);
  expect(await ask("http://127.0.0.1:3000/", home)).toBe(200);
  expect(await ask("http://localhost:3000/", abroad)).toBe(404);
  expect(await ask("http://rebound.example.com:3000/", home)).toBe(404);
  expect(await ask("http://localhost:3000/", home, { "x-forwarded-for": "192.0.2.7" })).toBe(404);
  expect(await ask("http://localhost:3000/", {})).toBe(404);
});
