/** A field of an input, by the names that lead to it; an array's elements are "*". */
export type FieldPath = readonly string[];

/** A value for a field, or undefined to leave it to what its schema says. */
export type ChooseValue = (path: FieldPath, schema: SchemaDef) => unknown;

/** What zod says of a schema: as much of it as is looked at here. */
export interface SchemaDef {
  type: string;
  format?: string;
  checks?: readonly { _zod: { def: { check: string; format?: string; minimum?: number; maximum?: number } } }[];
  shape?: Record<string, Schema>;
  innerType?: Schema;
  element?: Schema;
  in?: Schema;
  options?: readonly Schema[];
  entries?: Record<string, string | number>;
  values?: readonly unknown[];
}

export interface Schema {
  _zod: { def: SchemaDef };
  safeParse(input: unknown): { success: boolean; error?: { message: string } };
}

/**
 * Makes inputs that the schemas accept: one, or one per way through their unions. Optional fields are left out unless `choose`
 * has a value for them; texts with a form of their own need one.
 * @throws Error naming the field for which no value could be made
 */
export function generateInputs(schemas: readonly Schema[], choose: ChooseValue): Record<string, unknown>[] {
  if (schemas.length === 0) return [{}];
  const perSchema = schemas.map((schema) => valuesOf(schema, [], choose) as Record<string, unknown>[]);
  const inputs = perSchema.reduce((made, parts) => made.flatMap((one) => parts.map((part) => ({ ...one, ...part }))));
  for (const input of inputs) {
    for (const schema of schemas) {
      const { success, error } = schema.safeParse(input);
      if (!success) throw new Error(`${JSON.stringify(input)} is refused: ${error?.message}`);
    }
  }
  return inputs;
}

const LEFT_OUT = Symbol("left out");

/** No value could be made of what the schema says. */
class NoValueError extends Error {}

function valuesOf({ _zod: { def } }: Schema, path: FieldPath, choose: ChooseValue): unknown[] {
  const chosen = choose(path, def);
  if (chosen !== undefined) return [chosen];
  switch (def.type) {
    case "object":
      return objectsOf(def.shape ?? {}, path, choose);
    case "array":
      return def.element ? valuesOf(def.element, [...path, "*"], choose).map((element) => [element]) : [];
    case "optional":
    case "default":
    case "prefault":
      return optional(def, path, choose);
    case "nullable":
    case "readonly":
    case "nonoptional":
      return def.innerType ? valuesOf(def.innerType, path, choose) : [];
    case "pipe":
      return def.in ? valuesOf(def.in, path, choose) : [];
    case "union":
      return (def.options ?? []).flatMap((option) => valuesOf(option, path, choose));
    default:
      return [plainValue(def, path)];
  }
}

function objectsOf(shape: Record<string, Schema>, path: FieldPath, choose: ChooseValue): Record<string, unknown>[] {
  let made: Record<string, unknown>[] = [{}];
  for (const [name, schema] of Object.entries(shape)) {
    const values = valuesOf(schema, [...path, name], choose);
    made = made.flatMap((one) => values.map((value) => (value === LEFT_OUT ? one : { ...one, [name]: value })));
  }
  return made;
}

/** Left out, unless somebody has a value for it or for something in it. */
function optional({ innerType }: SchemaDef, path: FieldPath, choose: ChooseValue): unknown[] {
  if (!innerType) return [LEFT_OUT];
  let isChosen = false;
  const watching: ChooseValue = (inner, def) => {
    const value = choose(inner, def);
    isChosen ||= value !== undefined;
    return value;
  };
  try {
    const values = valuesOf(innerType, path, watching);
    return isChosen ? values : [LEFT_OUT];
  } catch (error) {
    if (isChosen || !(error instanceof NoValueError)) throw error;
    return [LEFT_OUT];
  }
}

function plainValue(def: SchemaDef, path: FieldPath): unknown {
  switch (def.type) {
    case "string":
      return text(def, path);
    case "int":
    case "number":
      return 1;
    case "boolean":
      return true;
    case "enum":
      return Object.values(def.entries ?? {}).at(-1);
    case "literal":
      return def.values?.[0];
    case "null":
      return null;
    case "unknown":
    case "any":
      return {};
    default:
      throw new NoValueError(`No value can be made for ${path.join(".")}, which is a ${def.type}.`);
  }
}

function text({ format, checks = [] }: SchemaDef, path: FieldPath): string {
  if (format === "datetime") return "2027-01-01T00:00:00.000Z";
  const forms = [format, ...checks.map(({ _zod: { def } }) => def.format)].filter(Boolean);
  if (forms.length > 0)
    throw new NoValueError(`${path.join(".")} has a form (${forms.join(", ")}): name a value for it.`);
  const least = Math.max(
    1,
    ...checks.map(({ _zod: { def } }) => (def.check === "min_length" ? (def.minimum ?? 1) : 1)),
  );
  return "a".repeat(least);
}
