import type { Area } from "../io/model-schema.ts";
import { sideLabel } from "./axes.ts";
import { columnBands, columnBandsHeight, nameSpace, rowBands } from "./bands.ts";
import { extent } from "./check.ts";
import { type ColourScale, colourBar, divergingScale, heatMap } from "./heatmap.ts";
import { shortNumber } from "./histogram.ts";
import { permute } from "./matrix.ts";
import { groupUnits } from "./order.ts";
import { quantile } from "./reduce.ts";
import { type Box, group, type Markup } from "./svg.ts";
import { fontSizes, text } from "./text.ts";

/** The same matrix as it is and as it was found; either may be absent. */
export interface MatrixPair {
  /** [n, n] row = postsynaptic, column = presynaptic unit. */
  readonly truth?: ArrayLike<number> | undefined;
  /** [n, n] */
  readonly learned?: ArrayLike<number> | undefined;
  /** Their correlation, -1…1: printed. */
  readonly correlation?: number | undefined;
}

/** All weights of a network of which n units are observed. */
export interface WholeMatrix {
  /** [N, N] row = postsynaptic, column = presynaptic unit. */
  readonly weights: ArrayLike<number>;
  /** Number of units N. */
  readonly units: number;
  /** [N] units as they are drawn, such as by tuning, the observed ones first; default by number. */
  readonly order?: ArrayLike<number> | undefined;
  /** Stretches of the drawn order from … to-1; default: observed units 0 … n, hidden ones n … N. */
  readonly blocks?: readonly Area[] | undefined;
}

/** A block of panels: its height, and how it is drawn below a given height. */
export interface Block {
  readonly height: number;
  readonly draw: (top: number) => Markup;
}

/** Left edges of panels side by side, and the size of a square one. */
export const columns = { first: 62, second: 390, size: 220 } as const;

const wholeSize = 410;

/** ±99.5 % of what is not zero; the rest has the last colour. */
function scaleOf(values: Float32Array): ColourScale {
  const sizes = values.filter((value) => value !== 0).map(Math.abs);
  const limit = quantile(sizes, 0.995);
  const [low, high] = extent(values);
  return divergingScale(limit, low < -limit, high > limit);
}

/** Two matrices side by side, with one scale if `shared`. */
export function pairBlock(pair: MatrixPair, units: number, names: readonly [string, string], shared: boolean): Block {
  const given = ([pair.truth, pair.learned] as const).flatMap((values, index) =>
    values === undefined ? [] : [{ values: Float32Array.from(values), name: names[index] ?? "" }],
  );
  const all = Float32Array.from(given.flatMap(({ values }) => [...values]));
  const { size } = columns;
  const draw = (top: number): Markup =>
    group(
      {},
      given.flatMap(({ values, name }, index) => {
        const box: Box = { left: index === 0 ? columns.first : columns.second, top, width: size, height: size };
        const right = box.left + size;
        const scale = scaleOf(shared ? all : values);
        const natural = groupUnits({ units });
        const parts: Markup[] = [
          text(name, { x: box.left, y: top - 9, bold: true }),
          heatMap(values, units, units, box, scale),
          rowBands(natural, box),
          columnBands(natural, box),
          text("presynaptic unit", {
            x: box.left + size / 2,
            y: top + size + 34,
            size: fontSizes.label,
            anchor: "middle",
          }),
          colourBar(scale, { left: right + 12, top: top + 14, width: 12, height: size - 14 }, "weight"),
        ];
        if (index === 0) parts.push(sideLabel("postsynaptic unit", 16, top, top + size));
        if (index === given.length - 1 && pair.correlation !== undefined)
          parts.push(text(`r = ${shortNumber(pair.correlation)}`, { x: right, y: top - 9, anchor: "end" }));
        return parts;
      }),
    );
  return { height: size + 74, draw };
}

/** The matrix of all units in the order given, lines between its blocks. */
export function wholeBlock(whole: WholeMatrix, observed: number): Block {
  const { units } = whole;
  const order = Uint32Array.from(whole.order ?? Array.from({ length: units }, (_, unit) => unit));
  const hidden = observed < units ? [{ name: "hidden", from: observed, to: units }] : [];
  const areas = whole.blocks ?? [{ name: "observed", from: 0, to: observed }, ...hidden];
  const bands = groupUnits({ units, areas });
  const values = permute(whole.weights, order);
  const scale = scaleOf(values);
  const space = 36 + nameSpace(areas.map(({ name }) => name));
  const box = (top: number): Box => ({
    left: Math.max(columns.first, space),
    top,
    width: wholeSize,
    height: wholeSize,
  });
  const bandsHeight = columnBandsHeight(bands, box(0));
  const draw = (top: number): Markup => {
    const place = box(top);
    const right = place.left + wholeSize;
    return group({}, [
      text(`all ${units} units${whole.order ? ", sorted" : ""}`, { x: place.left, y: top - 9, bold: true }),
      heatMap(values, units, units, place, scale),
      rowBands(bands, place),
      columnBands(bands, place),
      sideLabel("postsynaptic unit", 16, top, top + wholeSize),
      text("presynaptic unit", {
        ...{ x: place.left + wholeSize / 2, y: top + wholeSize + bandsHeight + 8 },
        ...{ size: fontSizes.label, anchor: "middle" },
      }),
      colourBar(scale, { left: right + 20, top: top + 14, width: 14, height: wholeSize / 2 }, "weight"),
    ]);
  };
  return { height: wholeSize + bandsHeight + 46, draw };
}
