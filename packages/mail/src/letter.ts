/** What a template says, before it becomes text and HTML. Plain text throughout: the layout escapes. */
export interface Letter {
  subject: string;
  /** The heading inside the mail. */
  title: string;
  paragraphs: string[];
  /** The one thing to do. */
  action?: { label: string; url: string };
  /** Small print: until when, and what to do if this was somebody else. */
  notes: string[];
}

/** What leaves the portal. */
export interface RenderedMail {
  subject: string;
  text: string;
  html: string;
}

/** Draws a letter as plain text and as HTML. Both say the same and carry the same link. */
export function layOut(letter: Letter): RenderedMail {
  return { subject: oneLine(letter.subject), text: asText(letter), html: asHtml(letter) };
}

const FOOTER = "Sent by Guildhall because of something done in the portal. Nobody reads answers to this address.";

/** Whatever could break a header line or turn the direction of reading becomes a space: a name is not to be trusted. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, " ")
    .replace(/ {2,}/g, " ")
    .trim();
}

function asText({ title, paragraphs, action, notes }: Letter): string {
  const parts = [oneLine(title), ...paragraphs.map(oneLine)];
  if (action) parts.push(`${oneLine(action.label)}:\n${action.url}`);
  parts.push(...notes.map(oneLine), `-- \n${FOOTER}`);
  return `${parts.join("\n\n")}\n`;
}

// Mail programs know little CSS: everything stands on its element, and there is nothing to load.
const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const INK = "color:#1d2129";
const MUTED = "color:#565c69";

function asHtml({ subject, title, paragraphs, action, notes }: Letter): string {
  const body = [
    `<h1 style="margin:0 0 16px;font-size:20px;line-height:28px;font-weight:600;${INK}">${escapeHtml(oneLine(title))}</h1>`,
    ...paragraphs.map((text) => paragraph(text, `font-size:15px;line-height:24px;${INK}`)),
    ...(action ? [button(action)] : []),
    ...notes.map((text) => paragraph(text, `font-size:13px;line-height:20px;${MUTED}`)),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>${escapeHtml(oneLine(subject))}</title>
</head>
<body style="margin:0;padding:0;background:#f4f5f7;${FONT}">
<div style="max-width:520px;margin:0 auto;padding:32px 16px">
<p style="margin:0 0 16px;font-size:14px;line-height:20px;font-weight:600;${INK}">Guildhall</p>
<div style="background:#ffffff;border:1px solid #e3e5ea;border-radius:8px;padding:28px 24px 12px;overflow-wrap:anywhere">
${body.join("\n")}
</div>
<p style="margin:16px 0 0;font-size:12px;line-height:18px;${MUTED}">${FOOTER}</p>
</div>
</body>
</html>
`;
}

function paragraph(text: string, style: string): string {
  return `<p style="margin:0 0 16px;${style}">${escapeHtml(oneLine(text))}</p>`;
}

function button({ label, url }: { label: string; url: string }): string {
  const href = escapeHtml(webAddress(url));
  const look = `display:inline-block;padding:10px 18px;border-radius:6px;background:#3f4fc0;color:#ffffff;font-size:15px;line-height:20px;font-weight:600;text-decoration:none`;
  const asTextToo = `<p style="margin:0 0 16px;font-size:13px;line-height:20px;${MUTED}">Or copy this address into your browser:<br><a href="${href}" style="color:#3f4fc0">${href}</a></p>`;
  return `<p style="margin:8px 0 20px"><a href="${href}" style="${look}">${escapeHtml(oneLine(label))}</a></p>\n${asTextToo}`;
}

/** Links lead to the portal and nowhere else than the web. @throws on anything that is no http(s) address */
function webAddress(url: string): string {
  const { protocol, href } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") throw new Error(`A mail cannot link to ${protocol}`);
  return href;
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Makes a text harmless inside HTML, in elements as in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}
