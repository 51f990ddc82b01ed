import type { Database } from "@guildhall/db";
import { type CapturedContent, type CapturedSummary, escapeHtml, listCaptured, readCaptured } from "@guildhall/mail";
import { isUuid } from "@guildhall/shared";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { HttpVariables } from "./variables.ts";

type Call = Context<{ Bindings: HttpBindings; Variables: HttpVariables }>;

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/;
const OWN_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Says whether a request comes from a browser on this very machine, by the name of this very machine: neither through a
 * proxy nor through a name that somebody else's page made point here.
 */
function isFromThisMachine({ req, env }: Pick<Call, "req" | "env">): boolean {
  const peer = env?.incoming?.socket.remoteAddress ?? "";
  const isForwarded = ["x-forwarded-for", "x-forwarded-host", "forwarded", "via"].some((name) => req.header(name));
  return LOOPBACK.test(peer) && !isForwarded && OWN_NAMES.includes(new URL(req.url).hostname);
}

/**
 * /dev/mail: what would have been sent, for reading on the machine that runs the portal. Mounted only where mail is captured;
 * for everybody else there is nothing here. Each mail's HTML stands in a frame of its own in which nothing runs.
 */
export function devMail(db: Database): Hono<{ Bindings: HttpBindings; Variables: HttpVariables }> {
  const app = new Hono<{ Bindings: HttpBindings; Variables: HttpVariables }>();
  app.use(async (c, next) => {
    if (!isFromThisMachine(c)) return c.text("There is nothing here.", 404);
    return next();
  });
  app.get("/", async (c) => {
    const recipient = c.req.query("to")?.trim().toLowerCase() || undefined;
    const mails = await listCaptured(db, recipient);
    if (prefersJson(c)) return c.json({ mails });
    return page(c, "Captured mail", listBody(mails, recipient));
  });
  app.get("/:id", async (c) => {
    const mail = await readById(db, c.req.param("id"));
    if (!mail)
      return page(c, "No such mail", `<p>This mail is not kept any more. <a href="/dev/mail">All mail</a></p>`);
    return prefersJson(c) ? c.json(mail) : page(c, mail.subject, mailBody(mail));
  });
  return app;
}

async function readById(db: Database, id: string): Promise<CapturedContent | undefined> {
  return isUuid(id) ? readCaptured(db, id) : undefined;
}

function prefersJson(c: Call): boolean {
  return c.req.header("accept")?.startsWith("application/json") ?? false;
}

function listBody(mails: CapturedSummary[], recipient: string | undefined): string {
  const search = `<form role="search"><label>To <input name="to" type="email" value="${escapeHtml(recipient ?? "")}" placeholder="all addresses"></label> <button>Show</button></form>`;
  if (mails.length === 0) {
    const nothing = recipient ? `Nothing was sent to ${escapeHtml(recipient)}.` : "Nothing was sent yet.";
    return `${search}<p class="empty">${nothing} Mail that the portal sends shows up here instead of leaving this machine.</p>`;
  }
  const rows = mails.map(
    ({ id, recipient: to, subject, capturedAt }) =>
      `<tr><td><a href="/dev/mail/${id}">${escapeHtml(subject)}</a></td><td>${escapeHtml(to)}</td><td>${timeOf(capturedAt)}</td></tr>`,
  );
  return `${search}<table><thead><tr><th>Subject</th><th>To</th><th>When</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function mailBody({ recipient, capturedAt, html, text }: CapturedContent): string {
  // Sandboxed without scripts; links open beside the list, so that one mail's link can be followed and the list kept.
  const frame = `<iframe title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${escapeHtml(openingLinksOutside(html))}"></iframe>`;
  return `<p><a href="/dev/mail">All mail</a></p><p class="facts">To ${escapeHtml(recipient)} · ${timeOf(capturedAt)}</p>${frame}<h2>As text</h2><pre>${withLinks(text)}</pre>`;
}

function openingLinksOutside(html: string): string {
  return html.replace("<head>", '<head>\n<base target="_blank">');
}

/** The text's addresses as links: with scripts off and frames refused, they still lead on. */
function withLinks(text: string): string {
  return escapeHtml(text).replace(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`);
}

function timeOf(time: Date): string {
  return `<time datetime="${time.toISOString()}">${time.toISOString().slice(0, 19).replace("T", " ")} UTC</time>`;
}

const STYLE = `
:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:0 auto;padding:1.5rem 1rem}
h1{font-size:1.25rem;overflow-wrap:anywhere}h2{font-size:1rem;margin-top:2rem}
table{width:100%;border-collapse:collapse}th,td{text-align:left;padding:.5rem .75rem .5rem 0;border-bottom:1px solid #8884;overflow-wrap:anywhere;vertical-align:top}
time,.facts,.empty,small{color:light-dark(#5b6270,#a9b0bd)}
iframe{width:100%;height:36rem;border:1px solid #8886;border-radius:8px;background:#fff}
pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:1rem;border:1px solid #8886;border-radius:8px;font-size:13px}
form{margin:1rem 0}input,button{font:inherit;padding:.25rem .5rem}
@media(max-width:40rem){thead{display:none}tr{display:grid;padding:.5rem 0;border-bottom:1px solid #8884}td{border:0;padding:0}}`;

function page(c: Call, title: string, body: string): Response | Promise<Response> {
  const note =
    "<small>Captured instead of sent: no SMTP_URL is set. Only a browser on this machine sees this page.</small>";
  return c.html(
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)} · Captured mail</title><style nonce="${c.get("nonce")}">${STYLE}</style></head><body><main><h1>${escapeHtml(title)}</h1>${body}</main><footer>${note}</footer></body></html>`,
  );
}
