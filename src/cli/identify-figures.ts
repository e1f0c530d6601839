import type { ScoredMethod } from "../identify/score-table.ts";
import type { ScoredCondition } from "./identify.ts";
import type { Recordings } from "./identify-recording.ts";

/** A run's figures as SVG documents by name. */
export function identifyFigures(
  _name: string,
  _scored: readonly ScoredCondition[],
  _methods: readonly ScoredMethod[],
  _recordings: Recordings,
): Map<string, string> {
  return new Map();
}
