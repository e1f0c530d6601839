import { ValueError } from "../errors.ts";

/** Red, green and blue, each an integer in 0…255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/**
 * Eight colours that stay apart under every common kind of colour blindness (Okabe & Ito 2008, "Color universal
 * design"), the ones that read best on white first.
 */
export const categorical = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#000000",
  "#f0e442",
] as const;

/** The field's convention: excitatory red, inhibitory blue. Units whose sign is free are grey. */
export const signColours = { excitatory: "#c2242f", inhibitory: "#2166ac", free: "#9a9a9a" } as const;

/** Greys of the frame: text, axis lines, light grid, shaded time windows, reference lines. */
export const ink = {
  text: "#333333",
  axis: "#666666",
  grid: "#e8e8e8",
  window: "#f1ecdc",
  reference: "#777777",
} as const;

/** Blue – white – red, for signed values centred at 0 (ColorBrewer RdBu reversed, its middle made white). */
export const divergingAnchors = [
  "#053061",
  "#2166ac",
  "#4393c3",
  "#92c5de",
  "#d1e5f0",
  "#ffffff",
  "#fddbc7",
  "#f4a582",
  "#d6604d",
  "#b2182b",
  "#67001f",
] as const;

/** White to dark purple, for values from 0 upward (ColorBrewer Purples, its lower end made white). */
export const sequentialAnchors = [
  "#ffffff",
  "#efedf5",
  "#dadaeb",
  "#bcbddc",
  "#9e9ac8",
  "#807dba",
  "#6a51a3",
  "#54278f",
  "#3f007d",
] as const;

/** Dark blue to yellow, for maps whose blank cells are white (viridis, Smith & van der Walt 2015, CC0). */
export const mapAnchors = [
  "#440154",
  "#472d7b",
  "#3b528b",
  "#2c728e",
  "#21918c",
  "#28ae80",
  "#5ec962",
  "#addc30",
  "#fde725",
] as const;

/** Bars of a histogram whose values have no sign: neither the red nor the blue of {@link signColours}. */
export const barColour = "#6a51a3";

/** The n-th categorical colour, from 0; after eight they repeat. */
export function categoricalColour(index: number): string {
  return categorical[index % categorical.length] ?? categorical[0];
}

/**
 * Red, green and blue of a colour written as #rrggbb.
 * @throws ValueError if it is written otherwise.
 */
export function parseColour(colour: string): Rgb {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) throw new ValueError(`colour: expected #rrggbb, got ${colour}.`);
  const value = Number.parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/**
 * `levels` colours evenly spaced along the anchors, linear in sRGB between them. With an odd number of anchors and of
 * levels the middle level is the middle anchor exactly.
 * @throws ValueError if there are fewer than 2 anchors or levels.
 */
export function colourRamp(anchors: readonly string[], levels: number): readonly Rgb[] {
  if (anchors.length < 2 || levels < 2) {
    throw new ValueError(`colourRamp: expected at least 2 anchors and levels, got ${anchors.length} and ${levels}.`);
  }
  const stops = anchors.map(parseColour);
  return Array.from({ length: levels }, (_, level): Rgb => {
    const place = (level / (levels - 1)) * (stops.length - 1);
    const below = Math.min(Math.floor(place), stops.length - 2);
    const [red0, green0, blue0] = stops[below] ?? [0, 0, 0];
    const [red1, green1, blue1] = stops[below + 1] ?? [0, 0, 0];
    const mix = (from: number, to: number): number => Math.round(from + (to - from) * (place - below));
    return [mix(red0, red1), mix(green0, green1), mix(blue0, blue1)];
  });
}
