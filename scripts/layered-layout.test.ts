import fc from "fast-check";
import { expect, test } from "vitest";
import { drawSvg } from "./draw-svg.ts";
import { type Edge, layOut, rankByLongestPath } from "./layered-layout.ts";

const SIZES = { nodeWidth: 100, nodeHeight: 40, gapX: 10, gapY: 30, laneWidth: 8 };

/** Graphs without cycles: an edge only leads to a lower number. */
const graphs = fc
  .array(fc.tuple(fc.nat({ max: 11 }), fc.nat({ max: 11 })), { maxLength: 30 })
  .map(
    (pairs) =>
      new Map(pairs.filter(([a, b]) => a !== b).map(([a, b]) => [`${Math.max(a, b)} ${Math.min(a, b)}`, [a, b]])),
  )
  .map((pairs) => ({
    names: Array.from({ length: 12 }, (_, index) => `n${index}`),
    edges: [...pairs.values()].map(
      ([a = 0, b = 0]): Edge => ({ from: `n${Math.max(a, b)}`, to: `n${Math.min(a, b)}` }),
    ),
  }));

test("no two nodes overlap, every edge points down and none runs through a node", () => {
  fc.assert(
    fc.property(graphs, ({ names, edges }) => {
      const { nodes, routes } = layOut(names, edges, SIZES);
      const boxes = [...nodes.values()];
      for (const [index, a] of boxes.entries()) {
        for (const b of boxes.slice(index + 1)) {
          expect(Math.abs(a.x - b.x) >= SIZES.nodeWidth || Math.abs(a.y - b.y) >= SIZES.nodeHeight).toBe(true);
        }
      }
      for (const route of routes.values()) {
        const ys = route.map((point) => point.y);
        expect(ys).toEqual([...ys].sort((a, b) => a - b));
        const inside = boxes.filter((box) =>
          route.some(
            (p) => p.x > box.x && p.x < box.x + SIZES.nodeWidth && p.y > box.y && p.y < box.y + SIZES.nodeHeight,
          ),
        );
        expect(inside).toEqual([]);
      }
      expect(routes.size).toBe(edges.length);
    }),
  );
});

test("a lane between two nodes of a row touches neither", () => {
  fc.assert(
    fc.property(graphs, ({ names, edges }) => {
      const { nodes, routes } = layOut(names, edges, SIZES);
      for (const [edge, route] of routes) {
        for (const [name, box] of nodes) {
          if (name === edge.from || name === edge.to) continue;
          const touching = route.filter(
            (p) => p.x >= box.x && p.x <= box.x + SIZES.nodeWidth && p.y >= box.y && p.y <= box.y + SIZES.nodeHeight,
          );
          expect(touching).toEqual([]);
        }
      }
    }),
  );
});

test("a row follows the longest path, so that what is imported stands below its importer", () => {
  const edges = [
    { from: "app", to: "engine" },
    { from: "engine", to: "shared" },
    { from: "app", to: "shared" },
  ];
  expect([...rankByLongestPath(["app", "engine", "shared"], edges)]).toEqual([
    ["shared", 0],
    ["engine", 1],
    ["app", 2],
  ]);
});

test("a cycle is named instead of drawn", () => {
  const edges = [
    { from: "hen", to: "egg" },
    { from: "egg", to: "hen" },
  ];
  expect(() => rankByLongestPath(["hen", "egg"], edges)).toThrow("hen → egg → hen");
});

test("the same imports give the same bytes, and names cannot break the drawing", () => {
  const drawing = {
    title: `<"&>`,
    names: ["a<b", "c"],
    imports: [{ from: "a<b", to: "c", typesOnly: true }],
    captions: { c: "x & y" },
  };
  expect(drawSvg(drawing)).toBe(drawSvg(structuredClone(drawing)));
  expect(drawSvg(drawing)).toContain("a&lt;b imports types of c");
  expect(drawSvg(drawing)).not.toContain("a<b");
});
