/**
 * Figures of what grid-cells.mjs has written with --out: rate maps with their autocorrelograms, and the sheet.
 *
 *   node bench/examples/grid-cell-figures.mjs FILE.json DIR
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rateMapFigure, sheetFigure, spatial } from "../../dist/index.js";

const [file, folder] = process.argv.slice(2);
if (file === undefined || folder === undefined) throw new Error("grid-cell-figures.mjs FILE.json DIR");
const { maps, scores, state, parameters, seconds, trials } = JSON.parse(readFileSync(file, "utf8"));
const { size, bins, units } = maps;
const rates = Float64Array.from(maps.rates, (rate) => rate ?? Number.NaN);
const autocorrelations = units.flatMap((_, index) => {
  const values = rates.subarray(index * bins ** 2, (index + 1) * bins ** 2);
  return [...spatial.autocorrelogram({ values, shape: [bins, bins] }).values];
});
mkdirSync(folder, { recursive: true });
writeFileSync(
  join(folder, "rate-maps.svg"),
  rateMapFigure({
    ...{ units: units.length, rows: bins, columns: bins, maps: rates, xRange: [0, size], yRange: [0, size] },
    ...{ gridScores: scores, autocorrelations },
    title: `Units of a ${parameters.side} × ${parameters.side} sheet, ${trials} walks of ${seconds} s in a box of ${size} m`,
  }),
);
writeFileSync(
  join(folder, "sheet.svg"),
  sheetFigure({
    size: parameters.side,
    patterns: [state],
    title: `The sheet at the end of a walk (${parameters.lattice} lattice, drawn square)`,
  }),
);
