/**
 * Grid cells from a two-dimensional attractor sheet (Burak & Fiete 2009): a hexagonal pattern forms from noise, and moves with
 * the velocity of animals that walk through a box; each unit then fires on a triangular grid of places.
 *
 *   npm run build
 *   node bench/examples/grid-cells.mjs [--preset burak2009] [--side 32] [--lattice rhombic] [--boundary periodic] [--dt 1]
 *     [--seconds 60] [--trials 8] [--box 1.4] [--noise 0] [--out grid-cells.json]
 *
 * Printed: the pattern, the velocity gain, the error of path integration over the walk, and grid scores of some units. The JSON
 * has all numbers, the rate maps and the sheet at the end.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  describeDevice,
  exploreTorus,
  openDevice,
  Random,
  spatial,
  torusAttractor,
  torusVelocityGain,
} from "../../dist/index.js";

const { values } = parseArgs({
  options: {
    preset: { type: "string", default: "burak2009" },
    side: { type: "string", default: "32" },
    lattice: { type: "string", default: "rhombic" },
    boundary: { type: "string", default: "periodic" },
    dt: { type: "string" },
    seconds: { type: "string", default: "60" },
    trials: { type: "string", default: "8" },
    box: { type: "string", default: "1.4" },
    noise: { type: "string", default: "0" },
    out: { type: "string" },
  },
});
const [side, seconds, trials, box] = [values.side, values.seconds, values.trials, values.box].map(Number);
const options = {
  ...{ preset: values.preset, side, lattice: values.lattice, boundary: values.boundary, noise: Number(values.noise) },
  ...(values.dt !== undefined && { dtMs: Number(values.dt) }),
};
const sheet = torusAttractor(options);
const rowMs = Math.max(20, sheet.dtMs);
const hold = Math.round(rowMs / sheet.dtMs);
const steps = Math.round((1000 * seconds) / sheet.dtMs);
const rows = Math.ceil(steps / hold);
const units = Array.from({ length: 8 }, (_, index) => Math.floor(((index + 0.5) * side * side) / 8));

/** Velocities with a memory of half a second, 0.25 m/s along each axis; a wall turns them back. [rows, trials, 2] */
function walk() {
  const random = new Random(11, 3);
  const velocities = new Float32Array(rows * trials * 2);
  const keep = Math.exp(-rowMs / 500);
  for (let trial = 0; trial < trials; trial += 1) {
    const place = [box / 2, box / 2];
    const velocity = [0, 0];
    for (let row = 0; row < rows; row += 1)
      for (const axis of [0, 1]) {
        velocity[axis] = keep * velocity[axis] + 0.25 * Math.sqrt(1 - keep ** 2) * random.normal();
        const next = place[axis] + (velocity[axis] * rowMs) / 1000;
        if (next < 0 || next > box) velocity[axis] = -velocity[axis];
        const at = (row * trials + trial) * 2 + axis;
        velocities[at] = velocity[axis];
        place[axis] += (velocities[at] * rowMs) / 1000;
      }
  }
  return velocities;
}

const device = await openDevice({ quiet: true });
const { vendor, architecture } = describeDevice(device);
console.log(
  `${vendor} ${architecture}; ${side} x ${side} units, ${trials} walks of ${seconds} s, ${sheet.dtMs} ms a step`,
);
const started = performance.now();
const gain = await torusVelocityGain(device, sheet, { speeds: [0.1, 0.25, 0.5, 1], directions: 4 });
const { spacing, stretch } = gain.pattern;
console.log(`pattern: bumps ${spacing.toFixed(2)} units apart, longest over shortest ${stretch.toFixed(3)}`);
console.log(
  `gain: ${gain.unitsPerMetre.toFixed(2)} units a metre (${gain.gains.map((each) => each.toFixed(2)).join(" ")} at ${gain.speeds.join(" ")} m/s), period ${gain.periodM.toFixed(3)} m`,
);
const result = await exploreTorus(device, sheet, {
  ...{ velocities: walk(), hold, steps, every: hold, maps: { size: box, bins: 40, units } },
  start: Array.from({ length: 2 * trials }, () => box / 2),
});
const wallSeconds = (performance.now() - started) / 1000;
const at = (time) => result.errorM[result.seconds.findIndex((each) => each >= time - 1e-9)];
const times = [10, 30, 60].filter((time) => time <= seconds);
console.log(
  `path integration: gain ${result.unitsPerMetre.toFixed(2)}, root mean square error ${times.map((time) => `${(100 * at(time)).toFixed(2)} cm after ${time} s`).join(", ")}`,
);
const { maps } = result;
const area = maps.bins ** 2;
const scores = units.map((_, index) => {
  const map = maps.rates.subarray(index * area, (index + 1) * area);
  return spatial.gridScore({ values: map, shape: [maps.bins, maps.bins] }).score60;
});
const covered = maps.seconds.filter((time) => time > 0).length / area;
console.log(
  `rate maps: ${(100 * covered).toFixed(1)} % of the box visited; grid scores ${scores.map((score) => score.toFixed(2)).join(" ")}`,
);
console.log(`${wallSeconds.toFixed(0)} s`);
if (values.out !== undefined) {
  const list = (numbers) => Array.from(numbers, (value) => (Number.isNaN(value) ? null : Number(value.toPrecision(5))));
  const record = {
    ...{ device: `${vendor} ${architecture}`, parameters: sheet, seconds, trials, wallSeconds, scores },
    gain: { ...gain, state: undefined, gains: list(gain.gains) },
    pathIntegration: { unitsPerMetre: result.unitsPerMetre, seconds: times, errorM: times.map(at) },
    maps: { size: box, bins: maps.bins, units, rates: list(maps.rates), seconds: list(maps.seconds) },
    state: list(result.state.subarray(0, side * side)),
  };
  writeFileSync(values.out, `${JSON.stringify(record)}\n`);
}
device.dispose();
