import { bottomAxis, type LegendEntry, leftAxis, linearTicks, type Tick } from "./axes.ts";
import type { Band, UnitOrder } from "./order.ts";
import { ink, signColours } from "./palette.ts";
import { type Attributes, type Box, group, type Markup, rectangle, segment } from "./svg.ts";
import { shorten, text, textWidth } from "./text.ts";

/** Longest name beside a panel, in pixels; longer ones end in "…". */
export const nameLimit = 110;

/** Space that names beside a panel take, in pixels. */
export function nameSpace(names: readonly string[]): number {
  return Math.ceil(Math.min(nameLimit, Math.max(0, ...names.map((name) => textWidth(name)))));
}

/** The colour of excitatory, inhibitory and free. */
export function signColour(sign: number): string {
  if (sign > 0) return signColours.excitatory;
  return sign < 0 ? signColours.inhibitory : signColours.free;
}

/** Legend entries for the signs that occur, with the number of their units. */
export function signLegend(order: UnitOrder): readonly LegendEntry[] {
  const names = [
    [1, "excitatory"],
    [-1, "inhibitory"],
    [0, "free sign"],
  ] as const;
  return names.flatMap(([sign, name]): LegendEntry[] => {
    const bands = order.signs.filter((band) => band.sign === sign);
    const count = bands.reduce((sum, band) => sum + band.to - band.from, 0);
    return count === 0 ? [] : [{ label: `${name} (${count})`, colour: signColour(sign), sample: "area" }];
  });
}

/** Where areas meet: every end of a band that is not an end of the axis. */
function borders(bands: readonly Band[], units: number): number[] {
  const ends = new Set(bands.flatMap((band) => [band.from, band.to]));
  return [...ends].filter((position) => position > 0 && position < units);
}

/** Thinner where there are many. */
function boundary(order: UnitOrder): Attributes {
  return { stroke: ink.text, "stroke-width": order.areas.length > 8 ? 0.4 : 1 };
}

/** Lines across a panel where areas of its rows, its columns or both meet. */
export function areaLines(box: Box, rows: UnitOrder | undefined, columns: UnitOrder | undefined): Markup {
  const parts: Markup[] = [];
  if (rows)
    for (const position of borders(rows.areas, rows.order.length)) {
      const y = box.top + (position / rows.order.length) * box.height;
      parts.push(segment(box.left, y, box.left + box.width, y, boundary(rows)));
    }
  if (columns)
    for (const position of borders(columns.areas, columns.order.length)) {
      const x = box.left + (position / columns.order.length) * box.width;
      parts.push(segment(x, box.top, x, box.top + box.height, boundary(columns)));
    }
  return group({}, parts);
}

/**
 * What stands at the left of a panel whose rows are units: a strip coloured by sign, area names and the lines where
 * areas meet; the numbers of the rows, if there are no areas and the order is the natural one.
 */
export function rowBands(order: UnitOrder, box: Box): Markup {
  const units = order.order.length;
  const y = (position: number): number => box.top + (position / units) * box.height;
  const right = box.left + box.width;
  const strip = order.signs.length > 0 ? 10 : 0;
  const parts: Markup[] = order.signs.map((band) =>
    rectangle(
      { left: box.left - strip, top: y(band.from), width: 6, height: y(band.to) - y(band.from) },
      { fill: signColour(band.sign) },
    ),
  );
  for (const position of borders(order.areas, units)) {
    parts.push(segment(box.left - strip, y(position), right, y(position), boundary(order)));
  }
  let free = Number.NEGATIVE_INFINITY;
  for (const area of order.areas) {
    const middle = (y(area.from) + y(area.to)) / 2;
    // Areas of a few pixels share the space of one name; the first of them gets it.
    if (middle - 6 < free) continue;
    free = middle + 6;
    const x = box.left - strip - 6;
    parts.push(text(shorten(area.name, nameLimit), { x, y: middle, anchor: "end", baseline: "middle" }));
  }
  const ticks = unitTicks(order);
  if (ticks.length > 0) {
    const left = box.left - strip;
    parts.push(
      leftAxis({ scale: y, ticks, left, right: left, top: box.top, bottom: box.top + box.height, grid: false }),
    );
  }
  return group({}, parts);
}

/** Unit numbers from 0, in the middle of their cells; none beside areas, or if units are sorted, where they would mislead. */
function unitTicks(order: UnitOrder): readonly Tick[] {
  if (order.areas.length > 0 || order.order.some((unit, position) => unit !== position)) return [];
  return linearTicks([0, order.order.length - 1], 5)
    .filter((tick) => Number.isInteger(tick.value))
    .map((tick) => ({ value: tick.value + 0.5, label: tick.label }));
}

function columnsFit(order: UnitOrder, box: Box): boolean {
  const pixels = box.width / order.order.length;
  return order.areas.every((area) => textWidth(area.name) <= (area.to - area.from) * pixels - 4);
}

/** Height of what {@link columnBands} draws below the panel, in pixels. */
export function columnBandsHeight(order: UnitOrder, box: Box): number {
  if (order.areas.length === 0 || columnsFit(order, box)) return 30;
  return 18 + nameSpace(order.areas.map((area) => area.name));
}

/** The same below a panel whose columns are units; names that do not fit side by side read upward. */
export function columnBands(order: UnitOrder, box: Box): Markup {
  const units = order.order.length;
  const x = (position: number): number => box.left + (position / units) * box.width;
  const bottom = box.top + box.height;
  const strip = order.signs.length > 0 ? 10 : 0;
  const parts: Markup[] = order.signs.map((band) =>
    rectangle(
      { left: x(band.from), top: bottom + 4, width: x(band.to) - x(band.from), height: 6 },
      { fill: signColour(band.sign) },
    ),
  );
  for (const position of borders(order.areas, units)) {
    parts.push(segment(x(position), box.top, x(position), bottom + strip, boundary(order)));
  }
  const flat = columnsFit(order, box);
  let free = Number.NEGATIVE_INFINITY;
  for (const area of order.areas) {
    const middle = (x(area.from) + x(area.to)) / 2;
    if (flat) {
      parts.push(text(area.name, { x: middle, y: bottom + strip + 14, anchor: "middle" }));
      continue;
    }
    if (middle - 6 < free) continue;
    free = middle + 6;
    // A turned line is as wide as its letters are high: 4 px to the right brings their middle to the area's.
    const place = { x: middle + 4, y: bottom + strip + 6, anchor: "end", turn: -90 } as const;
    parts.push(text(shorten(area.name, nameLimit), place));
  }
  const ticks = unitTicks(order);
  if (ticks.length > 0) {
    parts.push(bottomAxis({ scale: x, ticks, left: box.left, right: box.left + box.width, y: bottom + strip }));
    for (const tick of ticks) {
      parts.push(text(tick.label, { x: x(tick.value), y: bottom + strip + 16, anchor: "middle" }));
    }
  }
  return group({}, parts);
}
