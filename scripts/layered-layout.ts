export interface Edge {
  from: string;
  to: string;
}

export interface Point {
  x: number;
  y: number;
}

export interface Layout {
  /** Top left corner of each node. */
  nodes: Map<string, Point>;
  /** For each edge, the points it passes, from the bottom of `from` to the top of `to`. */
  routes: Map<Edge, Point[]>;
  width: number;
  height: number;
}

/** All lengths in pixels. */
export interface LayoutSizes {
  nodeWidth: number;
  nodeHeight: number;
  gapX: number;
  gapY: number;
  /** Width kept free for an edge that passes between two nodes of a row. */
  laneWidth: number;
}

interface Slot {
  id: string;
  width: number;
  /** The slots above and below it that it is tied to. */
  above: Slot[];
  below: Slot[];
}

const SWEEPS = 24;

/**
 * Places a graph without cycles in rows, so that every edge points down; rows follow the longest path. An edge over several rows
 * gets a lane in each row between. The same graph always gives the same layout.
 */
export function layOut(names: string[], edges: Edge[], sizes: LayoutSizes): Layout {
  const ranks = rankByLongestPath(names, edges);
  const { rows, chains } = buildRows(names, edges, { ranks, sizes });
  untangle(rows);
  return place(rows, chains, sizes);
}

/** 0 for what imports nothing, else one above the highest thing it imports. Throws on a cycle. */
export function rankByLongestPath(names: string[], edges: Edge[]): Map<string, number> {
  const ranks = new Map<string, number>();
  const visit = (name: string, path: string[]): number => {
    const known = ranks.get(name);
    if (known !== undefined) return known;
    if (path.includes(name))
      throw new Error(
        `These import each other in a circle, so none stands below the others: ${[...path, name].join(" → ")}`,
      );
    const below = edges.filter((edge) => edge.from === name).map((edge) => visit(edge.to, [...path, name]));
    const rank = below.length === 0 ? 0 : Math.max(...below) + 1;
    ranks.set(name, rank);
    return rank;
  };
  for (const name of names) visit(name, []);
  return ranks;
}

function buildRows(
  names: string[],
  edges: Edge[],
  { ranks, sizes }: { ranks: Map<string, number>; sizes: LayoutSizes },
): { rows: Slot[][]; chains: Map<Edge, Slot[]> } {
  const rankOf = (name: string) => ranks.get(name) ?? 0;
  const rows: Slot[][] = Array.from({ length: Math.max(0, ...ranks.values()) + 1 }, () => []);
  const addSlot = (id: string, rank: number, width: number): Slot => {
    const slot: Slot = { id, width, above: [], below: [] };
    rows[rank]?.push(slot);
    return slot;
  };
  const slots = new Map(names.map((name) => [name, addSlot(name, rankOf(name), sizes.nodeWidth)]));
  const chains = new Map<Edge, Slot[]>();
  for (const edge of edges) {
    const start = slots.get(edge.from);
    const end = slots.get(edge.to);
    if (!start || !end) continue;
    const lanes: Slot[] = [];
    for (let rank = rankOf(edge.from) - 1; rank > rankOf(edge.to); rank -= 1) {
      lanes.push(addSlot(`${edge.from}→${edge.to}`, rank, sizes.laneWidth));
    }
    const chain = [start, ...lanes, end];
    chains.set(edge, chain);
    chain.slice(1).forEach((lower, index) => {
      const upper = chain[index];
      upper?.below.push(lower);
      lower.above.push(upper as Slot);
    });
  }
  return { rows: rows.reverse(), chains };
}

/** Sorts each row by the average place of its neighbours, down and up in turn, and keeps the order with the fewest crossings. */
function untangle(rows: Slot[][]): void {
  let best = rows.map((row) => [...row]);
  let fewest = countCrossings(rows);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : [...rows].reverse()) sortByNeighbours(row, rows, down ? "above" : "below");
    const crossings = countCrossings(rows);
    if (crossings < fewest) {
      fewest = crossings;
      best = rows.map((row) => [...row]);
    }
  }
  rows.splice(0, rows.length, ...best);
}

function sortByNeighbours(row: Slot[], rows: Slot[][], side: "above" | "below"): void {
  const places = placesIn(rows);
  const weight = (slot: Slot) => {
    const neighbours = slot[side].map((neighbour) => places.get(neighbour) ?? 0);
    return neighbours.length === 0 ? (places.get(slot) ?? 0) : average(neighbours);
  };
  const weights = new Map(row.map((slot) => [slot, weight(slot)]));
  row.sort((a, b) => (weights.get(a) ?? 0) - (weights.get(b) ?? 0));
}

/** Places between 0 and 1, so that rows of different lengths compare. */
function placesIn(rows: Slot[][]): Map<Slot, number> {
  return new Map(rows.flatMap((row) => row.map((slot, index) => [slot, (index + 0.5) / row.length] as const)));
}

function countCrossings(rows: Slot[][]): number {
  const places = placesIn(rows);
  let crossings = 0;
  for (const row of rows) {
    const ties = row.flatMap((slot) =>
      slot.below.map((lower) => [places.get(slot) ?? 0, places.get(lower) ?? 0] as const),
    );
    for (const [index, [a, b]] of ties.entries()) {
      crossings += ties.slice(index + 1).filter(([c, d]) => (a - c) * (b - d) < 0).length;
    }
  }
  return crossings;
}

const average = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function place(rows: Slot[][], chains: Map<Edge, Slot[]>, sizes: LayoutSizes): Layout {
  const widthOf = (row: Slot[]) => row.reduce((sum, slot) => sum + slot.width, 0) + sizes.gapX * (row.length - 1);
  const width = Math.max(...rows.map(widthOf));
  const corners = new Map<Slot, Point>();
  rows.forEach((row, index) => {
    const slack = (width - widthOf(row)) / row.length;
    let x = slack / 2;
    for (const slot of row) {
      corners.set(slot, { x: Math.round(x), y: index * (sizes.nodeHeight + sizes.gapY) });
      x += slot.width + sizes.gapX + slack;
    }
  });
  const nodes = new Map(
    [...corners].filter(([slot]) => slot.width === sizes.nodeWidth).map(([slot, at]) => [slot.id, at]),
  );
  const routes = new Map([...chains].map(([edge, chain]) => [edge, routeOf(chain, corners, sizes)]));
  return { nodes, routes, width, height: rows.length * (sizes.nodeHeight + sizes.gapY) - sizes.gapY };
}

/** Edges leave and reach a node side by side, in the order of where they lead. */
function routeOf(chain: Slot[], corners: Map<Slot, Point>, sizes: LayoutSizes): Point[] {
  const at = (slot: Slot) => corners.get(slot) ?? { x: 0, y: 0 };
  const port = (slot: Slot, other: Slot, side: "above" | "below") => {
    const sorted = [...slot[side]].sort((a, b) => at(a).x + a.width / 2 - (at(b).x + b.width / 2));
    return Math.round(at(slot).x + (slot.width * (sorted.indexOf(other) + 1)) / (sorted.length + 1));
  };
  return chain.flatMap((slot, index) => {
    const previous = chain[index - 1];
    const next = chain[index + 1];
    const top = previous ? [{ x: port(slot, previous, "above"), y: at(slot).y }] : [];
    const bottom = next ? [{ x: port(slot, next, "below"), y: at(slot).y + sizes.nodeHeight }] : [];
    return [...top, ...bottom];
  });
}
