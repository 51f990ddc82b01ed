import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const TOKENS = readFileSync(join(import.meta.dirname, "tokens.css"), "utf8");
const TOKEN = /--([a-z-]+): light-dark\(oklch\(([^)]+)\), oklch\(([^)]+)\)\);/g;

type Rgb = [number, number, number];
type Theme = "light" | "dark";

/** Every opaque token, as linear RGB, by theme. */
const tokens = new Map(
  [...TOKENS.matchAll(TOKEN)].map(([, name = "", light = "", dark = ""]) => [
    name,
    { light: linearRgb(light), dark: linearRgb(dark) },
  ]),
);

/** Grounds on which running text stands. */
const GROUNDS = ["canvas", "surface", "sunken", "raised", "hover"];

const TEXT_PAIRS: [string, string][] = [
  ...["ink", "ink-muted", "ink-faint", "accent-ink", "danger"].flatMap((ink) =>
    GROUNDS.map((ground): [string, string] => [ink, ground]),
  ),
  ["ink", "selected"],
  ["ink-muted", "selected"],
  ["on-accent", "accent"],
  ["on-accent", "accent-hover"],
  ["on-accent", "danger-fill"],
  ["on-accent", "danger-hover"],
  ...["positive", "warning", "danger", "neutral"].map((tone): [string, string] => [tone, `${tone}-soft`]),
  ...["positive", "warning", "danger", "accent"].flatMap((tone): [string, string][] => [
    ["ink", `${tone}-soft`],
    ["ink-muted", `${tone}-soft`],
  ]),
  ["accent-ink", "accent-soft"],
  ["positive", "surface"],
  ["positive", "raised"],
  ["warning", "surface"],
];

const EDGE_PAIRS: [string, string][] = [
  ...["line-control", "accent-ink"].flatMap((edge) =>
    ["canvas", "surface", "raised"].map((ground): [string, string] => [edge, ground]),
  ),
  ["danger", "surface"],
  ["positive-dot", "sunken"],
  ["warning-dot", "sunken"],
  ["danger-fill", "sunken"],
  ["neutral-dot", "sunken"],
];

describe.each<Theme>(["light", "dark"])("WCAG 2.2 AA, %s theme", (theme) => {
  test.each(TEXT_PAIRS)("text in %s on %s has a contrast of 4.5", (ink, ground) => {
    expect(contrast(ink, ground, theme)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(EDGE_PAIRS)("%s against %s has a contrast of 3", (edge, ground) => {
    expect(contrast(edge, ground, theme)).toBeGreaterThanOrEqual(3);
  });
});

function contrast(one: string, other: string, theme: Theme): number {
  const [darker = 0, lighter = 0] = [luminance(one, theme), luminance(other, theme)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(name: string, theme: Theme): number {
  const color = tokens.get(name)?.[theme];
  if (!color) throw new Error(`There is no token "${name}".`);
  const [red, green, blue] = color;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** OKLCH to linear sRGB, cut to what a screen can show. */
function linearRgb(text: string): Rgb {
  const [lightness = 0, chroma = 0, hue = 0] = text.split(" ").map(Number);
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const rgb: Rgb = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return rgb.map((part) => Math.min(1, Math.max(0, part))) as Rgb;
}
