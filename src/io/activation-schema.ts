import { z } from "zod";
import { describeChoice } from "./config.ts";
import { expressionSchema, nameFault } from "./expression-schema.ts";

/** The activations a unit may have: `retanh` is max(tanh v, 0), `power` is max(v, 0)². */
export const activations = ["relu", "tanh", "sigmoid", "retanh", "softplus", "power", "linear"] as const;
export type Activation = (typeof activations)[number];

/** The variable of a custom activation: the preactivation, after gain and threshold. */
export const customVariables = ["x"] as const;
const mostCustomActivations = 16;

/** r = value(x) and dr/dx = slope(x), each one WGSL expression of single numbers (see `parseExpression`). */
const customActivationSchema = z.strictObject({
  value: expressionSchema(customVariables),
  slope: expressionSchema(customVariables),
});

/** What is wrong with the name of a custom activation. */
function activationNameFault(name: string): string | undefined {
  if (!(activations as readonly string[]).includes(name)) return nameFault(name);
  return "is the name of a built-in activation; choose another";
}

/** A custom activation with its name. */
export const namedActivationSchema = z.strictObject({
  name: z.string().superRefine((name, context) => {
    const fault = activationNameFault(name);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  }),
  ...customActivationSchema.shape,
});
/** A user's activation: a name, and value and slope as WGSL expressions in x; `registerActivation` checks one. */
export type CustomActivation = z.output<typeof namedActivationSchema>;

/** Custom activations by name. */
export const customActivationsSchema = z.record(z.string(), customActivationSchema).superRefine((table, context) => {
  const names = Object.keys(table);
  const refuse = (message: string, path: string[]): void => {
    context.addIssue({ code: "custom", message, path, params: { complete: true } });
  };
  if (names.length > mostCustomActivations) {
    refuse(`expected at most ${mostCustomActivations} custom activations, got ${names.length}`, []);
  }
  for (const name of names) {
    const fault = activationNameFault(name);
    if (fault !== undefined) refuse(fault, [name]);
  }
});

/** The name of an activation: a built-in one, or one of the custom ones. */
export const activationName = z.union([z.enum(activations), z.string()]);

/** The first activation that is neither built in nor among the custom ones: where it stands, and what is wrong. */
export function unknownActivation(spec: {
  readonly activation: string;
  readonly units?: { readonly activation?: readonly string[] | undefined } | undefined;
  readonly customActivations?: Readonly<Record<string, unknown>> | undefined;
}): { readonly path: (string | number)[]; readonly text: string } | undefined {
  const known = [...activations, ...Object.keys(spec.customActivations ?? {})];
  if (!known.includes(spec.activation)) return { path: ["activation"], text: describeChoice(known, spec.activation) };
  const perUnit = spec.units?.activation ?? [];
  const unit = perUnit.findIndex((name) => !known.includes(name));
  if (unit < 0) return undefined;
  return { path: ["units", "activation", unit], text: describeChoice(known, perUnit[unit]) };
}

/** Reports an unknown activation as a fault of the object that has it, beside whatever else is wrong there. */
export function refuseUnknownActivation(value: unknown, context: Pick<z.RefinementCtx, "addIssue">): void {
  const { data } = activationsShape.safeParse(value);
  const fault = data && unknownActivation(data);
  if (fault === undefined) return;
  context.addIssue({ code: "custom", message: fault.text, path: fault.path, params: { complete: true } });
}

const activationsShape = z.object({
  activation: z.string(),
  units: z.object({ activation: z.array(z.string()).optional() }).optional(),
  customActivations: z.record(z.string(), z.unknown()).optional(),
});
