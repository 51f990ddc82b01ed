import { glob, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import ts from "typescript";

/** Lines of a function, from its first to its last. */
const MAX_FUNCTION_LINES = 45;
const MAX_PARAMETERS = 3;
const MAX_FILE_LINES = 250;
/** One file in ten may be longer. */
const MAX_SHARE_OF_LONG_FILES = 0.1;
const VAGUE_NAMES = /(^|[-.])(utils?|helpers?|misc|manager|common|v2)$/;
const FRAMEWORK_NAMES = /^(\$|_|[a-z0-9]+(-[a-z0-9]+)*)([.$_+()[\]a-zA-Z0-9-]*)\.(ts|tsx|mjs)$/;
const KEBAB_NAMES = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*\.(ts|tsx|mjs)$/;

export interface Overrun {
  /** Path from the root of the house, with the line where one is meant. */
  place: string;
  finding: string;
}

/** Reads every source file and returns what exceeds the house's budgets. They are warnings: a reason may justify one. */
export async function findOverruns(house: string): Promise<Overrun[]> {
  const paths: string[] = [];
  for await (const path of glob("{apps,packages,scripts}/**/*.{ts,tsx}", { cwd: house, exclude: isOutside })) {
    paths.push(path);
  }
  const files = await Promise.all(
    paths.sort().map(async (path) => ({ path, text: await readFile(join(house, path), "utf8") })),
  );
  return [
    ...files.flatMap(({ path, text }) => [...nameOverruns(path), ...functionOverruns(path, text)]),
    ...fileOverruns(files),
  ];
}

const isOutside = (path: string) => /(^|\/)(node_modules|build|dist|coverage|\.data|\.turbo|\.cache)(\/|$)/.test(path);

const isTest = (path: string) => /\.(test|e2e)\.tsx?$/.test(path);

function nameOverruns(path: string): Overrun[] {
  const name = basename(path);
  const pattern = path.startsWith("apps/web/app/routes/") ? FRAMEWORK_NAMES : KEBAB_NAMES;
  const findings = [];
  if (!pattern.test(name)) findings.push("the file's name is not kebab-case");
  if (VAGUE_NAMES.test(name.replace(/\.tsx?$/, ""))) findings.push("the file's name says nothing about its content");
  return findings.map((finding) => ({ place: path, finding }));
}

/** Only when more than one file in ten is long does the rule speak, and then about the longest. */
function fileOverruns(files: { path: string; text: string }[]): Overrun[] {
  const long = files
    .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines > MAX_FILE_LINES)
    .sort((a, b) => b.lines - a.lines);
  const tooMany = long.length - Math.floor(files.length * MAX_SHARE_OF_LONG_FILES);
  return long.slice(0, Math.max(0, tooMany)).map(({ path, lines }) => ({ place: path, finding: `${lines} lines` }));
}

/** Exported for its test. */
export function functionOverruns(path: string, text: string): Overrun[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const overruns: Overrun[] = [];
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body && !isTestBody(path, node)) {
      const first = lineOf(node.getStart());
      const lines = lineOf(node.end) - first + 1;
      const name = nameOf(node);
      if (lines > MAX_FUNCTION_LINES) {
        overruns.push({ place: `${path}:${first}`, finding: `${name} has ${lines} lines` });
      }
      if (node.parameters.length > MAX_PARAMETERS) {
        overruns.push({ place: `${path}:${first}`, finding: `${name} takes ${node.parameters.length} parameters` });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return overruns;
}

/** What is handed to describe(), test() or each() holds tests and their cases; its size says nothing. */
const isTestBody = (path: string, node: ts.Node) => isTest(path) && ts.isCallExpression(node.parent);

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name) return node.name.getText();
  const parent = node.parent;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText();
  return "a function";
}

/** The warnings as text, or an empty string. */
export function formatOverruns(overruns: Overrun[]): string {
  if (overruns.length === 0) return "";
  const lines = overruns.map(({ place, finding }) => `  ${place}: ${finding}`);
  return [
    `Over budget (warnings; ${MAX_FUNCTION_LINES} lines a function, ${MAX_PARAMETERS} parameters, ${MAX_FILE_LINES} lines a file):`,
    ...lines,
  ].join("\n");
}
