import { z } from "zod";
import { parseWith } from "../io/config.ts";
import type { Intention } from "./moves.ts";

/** An agent that somebody drives, as it may stand in a configuration. */
export const keyboardSchema = z.strictObject({
  type: z.literal("keyboard"),
  /** One axis, two of them, or forwards and turning. */
  motion: z.enum(["line", "plane", "heading"]).default("line"),
  /** Of a pressed key: radians or metres per second. */
  speed: z
    .number()
    .nonnegative()
    .default(0.13 * 2 * Math.PI),
  /** Of a pressed key, where the keys turn: radians per second. */
  turning: z
    .number()
    .nonnegative()
    .default(5.76 * 2),
});
export type KeyboardAgent = z.output<typeof keyboardSchema>;

/** An agent that the keys drive; {@link keyboardIntention} says how. @throws ConfigError */
export function keyboardAgent(options: Omit<z.input<typeof keyboardSchema>, "type"> = {}): KeyboardAgent {
  return parseWith(keyboardSchema, { type: "keyboard", ...options }, "keyboardAgent");
}

const right = ["d", "arrowright"];
const left = ["a", "arrowleft"];
const up = ["w", "arrowup"];
const down = ["s", "arrowdown"];

/**
 * What the pressed keys ask for in a step. On a line, d and → are forwards, a and ← backwards (as nsi's JoyStickAgent).
 * In the plane w, a, s, d and the arrows are the directions of the screen, with the same speed on a diagonal. With
 * `motion: "heading"` w and s go forwards and backwards, a turns to the left, which is counter-clockwise, and d to the
 * right (nsi's JoyStickAgent2D turns the other way). Opposite keys cancel.
 * @param pressed names as `KeyboardEvent.key` has them; upper and lower case are the same.
 */
export function keyboardIntention(
  { motion, speed, turning }: KeyboardAgent,
  pressed: Iterable<string>,
  dtMs: number,
): Intention {
  const keys = new Set(Array.from(pressed, (key) => key.toLowerCase()));
  const any = (names: readonly string[]): number => Number(names.some((name) => keys.has(name)));
  const [across, along] = [any(right) - any(left), any(up) - any(down)];
  if (motion === "line") return { velocity: [speed * across] };
  if (motion === "heading") return { speed: speed * along, turn: (-turning * across * dtMs) / 1000 };
  const length = Math.max(1, Math.hypot(across, along));
  return { velocity: [(speed * across) / length, (speed * along) / length] };
}
