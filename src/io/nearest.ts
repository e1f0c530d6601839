import { distance } from "fastest-levenshtein";

/** The known name closest to a misspelt one, or `undefined` where none is close enough to be what was meant. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const given = simplify(name);
  let nearest: string | undefined;
  let shortest = Math.max(2, Math.floor(given.length / 3)) + 1;
  for (const candidate of known) {
    const steps = distance(given, simplify(candidate));
    if (steps < shortest && steps < candidate.length) {
      nearest = candidate;
      shortest = steps;
    }
  }
  return nearest;
}

/** Ends an error message about an unknown name: `did you mean "scale"?`, or else every name that is known. */
export function suggestName(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return `did you mean ${JSON.stringify(nearest)}?`;
  if (known.length === 0) return "none is allowed here";
  return `known are ${known.join(", ")}`;
}

/** Case and word separators are the commonest slips: `tau_ms` and `TauMs` are `tauMs`. */
function simplify(name: string): string {
  return name
    .slice(0, 200)
    .toLowerCase()
    .replaceAll(/[_\-\s]/g, "");
}
