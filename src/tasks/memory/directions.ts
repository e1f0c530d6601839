import type { Random } from "../../random.ts";
import type { Distribution } from "../definition.ts";

/** A condition that is the number of one of `count` directions. */
export function numberedDirections(count: number): Distribution {
  return { choice: Array.from({ length: count }, (_, direction) => direction), only: true };
}

/** Any of `count` directions but one. */
export function otherThan(direction: number, count: number, random: Random): number {
  return (direction + 1 + random.integer(count - 1)) % count;
}
