import type { z } from "zod";

type Schema = z.core.$ZodType;
type Path = readonly PropertyKey[];

/**
 * The keys that a schema knows at a path of a value: those of the object there, or of every object that could be
 * there. A union with a discriminator is narrowed by the value's own discriminator.
 */
export function knownKeysAt(schema: Schema, value: unknown, path: Path): readonly string[] {
  let schemas = objectsOf(schema, value);
  let here = value;
  for (const step of path) {
    const child = childOf(here, step);
    schemas = schemas.flatMap((candidate) => childSchemas(candidate, step).flatMap((next) => objectsOf(next, child)));
    here = child;
  }
  return [...new Set(schemas.flatMap(objectKeys))];
}

/** The value at a path, or `undefined` where there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(childOf, value);
}

/** The schema's options at a path, where a union stands there. */
export function unionOptionsAt(schema: Schema, path: Path): readonly Schema[] {
  let schemas: readonly Schema[] = [schema];
  for (const step of path) schemas = schemas.flatMap(unwrap).flatMap((candidate) => childSchemas(candidate, step));
  return schemas.flatMap((candidate) => unwrapToUnion(candidate));
}

function childOf(value: unknown, step: PropertyKey): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
  return Reflect.get(value, step);
}

function definition(schema: Schema): z.core.$ZodTypes["_zod"]["def"] {
  return (schema as z.core.$ZodTypes)._zod.def;
}

/** What stands inside optional, default, lazy, pipe and the like; unions and intersections are flattened. */
function unwrap(schema: Schema): readonly Schema[] {
  const def = definition(schema);
  switch (def.type) {
    case "union":
      return def.options.flatMap(unwrap);
    case "intersection":
      return [...unwrap(def.left), ...unwrap(def.right)];
    default: {
      const inner = innerOf(def);
      return inner === undefined ? [schema] : unwrap(inner);
    }
  }
}

function unwrapToUnion(schema: Schema): readonly Schema[] {
  const def = definition(schema);
  if (def.type === "union") return def.options;
  const inner = innerOf(def);
  return inner === undefined ? [] : unwrapToUnion(inner);
}

function innerOf(def: z.core.$ZodTypes["_zod"]["def"]): Schema | undefined {
  switch (def.type) {
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "nonoptional":
    case "readonly":
    case "catch":
      return def.innerType;
    case "lazy":
      return def.getter();
    case "pipe":
      return def.in;
    default:
      return undefined;
  }
}

/** Like {@link unwrap}, less the options whose literal keys (`type: "adam"`) contradict the value, if any agrees. */
function objectsOf(schema: Schema, value: unknown): readonly Schema[] {
  const all = unwrap(schema);
  const fitting = all.filter((candidate) => fitsLiterals(candidate, value));
  return fitting.length > 0 ? fitting : all;
}

/** Whether every key that the schema pins to literals has one of them in the value. */
export function fitsLiterals(schema: Schema, value: unknown): boolean {
  const def = definition(schema);
  if (def.type !== "object") return true;
  return Object.entries(def.shape).every(([key, property]) => {
    const inner = definition(property);
    return inner.type !== "literal" || inner.values.includes(childOf(value, key) as z.core.util.Literal);
  });
}

function objectKeys(schema: Schema): readonly string[] {
  const def = definition(schema);
  return def.type === "object" ? Object.keys(def.shape) : [];
}

function childSchemas(schema: Schema, step: PropertyKey): readonly Schema[] {
  const def = definition(schema);
  switch (def.type) {
    case "object": {
      const child = Object.hasOwn(def.shape, step) ? def.shape[String(step)] : undefined;
      return child === undefined ? [] : [child];
    }
    case "array":
      return [def.element];
    case "record":
      return [def.valueType];
    case "tuple": {
      const child = def.items[Number(step)] ?? def.rest;
      return child ? [child] : [];
    }
    default:
      return [];
  }
}
