import { type Edge, type Layout, type LayoutSizes, layOut, type Point } from "./layered-layout.ts";

export interface Import extends Edge {
  /** Erased before the code runs. */
  typesOnly: boolean;
}

export interface Drawing {
  title: string;
  names: string[];
  imports: Import[];
  /** A few words under a name. */
  captions: Record<string, string>;
}

const SIZES: LayoutSizes = { nodeWidth: 164, nodeHeight: 50, gapX: 20, gapY: 58, laneWidth: 12 };
const MARGIN = 28;
const TITLE_HEIGHT = 34;
const LEGEND_HEIGHT = 36;
const HUES = [255, 150, 25, 310, 75, 205, 350, 110];

const STYLE = `
  text { font: 13px ui-sans-serif, system-ui, sans-serif; fill: #1c1f26; }
  .title { font-weight: 600; font-size: 14px; }
  .name { font-weight: 600; }
  .caption, .legend { font-size: 11px; fill: #5b6270; }
  .page { fill: #ffffff; }
  .node { fill: #f6f7f9; stroke: #c9ced8; }
  .edge { fill: none; stroke-width: 1.5; }
  .types { stroke-dasharray: 5 4; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e7e9ee; }
    .caption, .legend { fill: #a2a9b8; }
    .page { fill: #14161b; }
    .node { fill: #1e2128; stroke: #3b414d; }
  }`;

/** Draws a graph without cycles as an SVG that reads in light and dark. The same graph gives the same bytes. */
export function drawSvg({ title, names, imports, captions }: Drawing): string {
  const layout = layOut(names, imports, SIZES);
  const width = Math.max(layout.width, 420) + 2 * MARGIN;
  const height = layout.height + 2 * MARGIN + TITLE_HEIGHT + LEGEND_HEIGHT;
  const hues = new Map(names.map((name, index) => [name, HUES[index % HUES.length] ?? 0]));
  const edges = imports.map((edge) => drawEdge(edge, layout, hues.get(edge.from) ?? 0));
  const nodes = names.map((name) => drawNode(name, layout, captions[name]));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}">`,
    `<style>${STYLE}\n</style>`,
    ...drawMarkers(new Set(imports.map((edge) => hues.get(edge.from) ?? 0))),
    `<rect class="page" width="${width}" height="${height}" rx="8"/>`,
    `<text class="title" x="${MARGIN}" y="${MARGIN + 6}">${escapeXml(title)}</text>`,
    `<g transform="translate(${MARGIN} ${MARGIN + TITLE_HEIGHT})">`,
    ...edges,
    ...nodes,
    "</g>",
    ...drawLegend(height - MARGIN),
    "</svg>\n",
  ].join("\n");
}

const colour = (hue: number) => `hsl(${hue} 55% 50%)`;

function drawMarkers(hues: Set<number>): string[] {
  const arrow = (hue: number) =>
    `<marker id="arrow-${hue}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0.5 8 4 0 7.5Z" fill="${colour(hue)}"/></marker>`;
  return ["<defs>", ...[...hues].sort((a, b) => a - b).map(arrow), "</defs>"];
}

function drawEdge(edge: Import, layout: Layout, hue: number): string {
  const route = layout.routes.get(edge) ?? [];
  const classes = edge.typesOnly ? "edge types" : "edge";
  const tip = `${edge.from} imports ${edge.typesOnly ? "types of " : ""}${edge.to}`;
  return `<path class="${classes}" d="${curve(route)}" stroke="${colour(hue)}" marker-end="url(#arrow-${hue})"><title>${escapeXml(tip)}</title></path>`;
}

/** Smooth between rows, straight through a row's lane. */
function curve([start, ...rest]: Point[]): string {
  if (!start) return "";
  let path = `M${start.x} ${start.y}`;
  let from = start;
  for (const to of rest) {
    const bend = Math.round((to.y - from.y) / 2);
    path += from.x === to.x ? `L${to.x} ${to.y}` : `C${from.x} ${from.y + bend} ${to.x} ${to.y - bend} ${to.x} ${to.y}`;
    from = to;
  }
  return path;
}

function drawNode(name: string, layout: Layout, caption: string | undefined): string {
  const { x, y } = layout.nodes.get(name) ?? { x: 0, y: 0 };
  const middle = x + SIZES.nodeWidth / 2;
  const nameY = y + (caption === undefined ? 30 : 22);
  const captionText =
    caption === undefined
      ? ""
      : `<text class="caption" x="${middle}" y="${y + 38}" text-anchor="middle">${escapeXml(caption)}</text>`;
  return `<rect class="node" x="${x}" y="${y}" width="${SIZES.nodeWidth}" height="${SIZES.nodeHeight}" rx="6"/><text class="name" x="${middle}" y="${nameY}" text-anchor="middle">${escapeXml(name)}</text>${captionText}`;
}

function drawLegend(y: number): string[] {
  const sample = (x: number, classes: string, label: string) =>
    `<path class="${classes}" d="M${x} ${y - 4}h28" stroke="#7b8494"/><text class="legend" x="${x + 36}" y="${y}">${label}</text>`;
  return [sample(MARGIN, "edge", "imports code"), sample(MARGIN + 140, "edge types", "imports types only")];
}

const XML_ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escapeXml = (text: string) => text.replaceAll(/[&<>"]/g, (character) => XML_ENTITIES[character] ?? character);
