/**
 * Reaches of a monkey to one of eight targets, as trials of a network: the target's direction and a go cue come in, the
 * hand's velocity should come out, and chosen units should have the rates that were recorded in motor cortex.
 *
 * The data (subject M of Dyer et al. 2017, doi 10.1038/s41551-017-0169-7; demo data of KordingLab/DAD) are bins of 200 ms,
 * one every 100 ms: rates of sorted units in Hz, the hand's velocity in cm/s, and the target, 0 … 7 clockwise from "up".
 * Only movements were kept, one after another; where a reach begins is not marked, and is found here.
 *
 * No part of cortrain is imported, so that the example (on the built package) and the test (on the sources) share this.
 */

/** Milliseconds from one bin of the data to the next. */
export const binMs = 100;

/** A hand that moves more slowly rests between two reaches (cm/s). */
const restSpeed = 4;
/** From one bin to the next, a reach's start speeds the hand up by more than this (cm/s). */
const startJump = 3;

/**
 * The reaches of a session, in order: where the target changes, or the hand starts from rest. Ends in the session that
 * are shorter than `fewestBins` (a correction after a reach) are left out.
 * @param session `velocity` [bins, 2] in cm/s, `target` [bins].
 * @returns {{ first: number, bins: number, target: number }[]}
 */
export function findReaches({ velocity, target }, fewestBins = 6) {
  const speed = (bin) => Math.hypot(velocity[2 * bin], velocity[2 * bin + 1]);
  const starts = Array.from(target, (_, bin) => bin).filter(
    (bin) =>
      bin === 0 ||
      target[bin] !== target[bin - 1] ||
      (speed(bin - 1) < restSpeed && speed(bin) - speed(bin - 1) > startJump),
  );
  return starts
    .map((first, index) => ({ first, bins: (starts[index + 1] ?? target.length) - first, target: target[first] }))
    .filter(({ bins }) => bins >= fewestBins);
}

/**
 * Reaches as trials. Time goes on in steps of `dtMs`; for `delays[b]` steps trial b shows the target and asks the hand to
 * rest, then the go cue comes on and bin k of the reach is compared at the step that ends at the bin's middle. Nothing is
 * asked between bins, or after the reach's last.
 * @param session `rates` [bins, units] in Hz, `velocity` [bins, 2] in cm/s.
 * @param reaches as {@link findReaches} gives them.
 * @param options `dtMs` divides the bin; `delays`: steps before the go cue, one a reach; `hz`, `cmPerSecond`: what counts
 * as 1 in the network.
 * @returns trials: inputs [T, B, 3] (cosine and sine of the target's direction, go cue), targets and mask [T, B, 2],
 * rateTargets and rateMask [T, B, units] (NaN and 0 where nothing was recorded).
 */
export function reachTrials({ rates, velocity }, reaches, { dtMs, delays, hz, cmPerSecond }) {
  const stepsPerBin = binMs / dtMs;
  if (!Number.isInteger(stepsPerBin)) throw new RangeError(`dtMs: expected a divisor of ${binMs} ms, got ${dtMs}.`);
  const trials = reaches.length;
  const units = rates.length / (velocity.length / 2);
  const steps = Math.max(...reaches.map(({ bins }, b) => delays[b] + (bins + 1) * stepsPerBin));
  const row = (step, trial) => step * trials + trial;
  const inputs = new Float32Array(steps * trials * 3);
  const targets = new Float32Array(steps * trials * 2);
  const mask = new Float32Array(steps * trials * 2);
  const rateTargets = new Float32Array(steps * trials * units).fill(Number.NaN);
  const rateMask = new Float32Array(steps * trials * units);
  for (const [trial, { first, bins, target }] of reaches.entries()) {
    const angle = Math.PI / 2 - (target * Math.PI) / 4;
    const go = delays[trial];
    for (let step = 0; step < steps; step += 1) {
      inputs.set([Math.cos(angle), Math.sin(angle), step < go ? 0 : 1], 3 * row(step, trial));
      if (step < go) mask.fill(1, 2 * row(step, trial), 2 * row(step, trial) + 2);
    }
    for (let k = 0; k < bins; k += 1) {
      const [to, from] = [row(go + (k + 1) * stepsPerBin - 1, trial), first + k];
      targets.set([velocity[2 * from] / cmPerSecond, velocity[2 * from + 1] / cmPerSecond], 2 * to);
      mask.fill(1, 2 * to, 2 * to + 2);
      for (let unit = 0; unit < units; unit += 1) rateTargets[to * units + unit] = rates[from * units + unit] / hz;
      rateMask.fill(1, to * units, (to + 1) * units);
    }
  }
  return { steps, trials, inputs, targets, mask, rateTargets, rateMask };
}

/** Recorded units from the most active to the least, by their mean rate in these trials. */
export function byActivity({ steps, trials, rateTargets, rateMask }) {
  const units = rateTargets.length / (steps * trials);
  const sums = new Float64Array(units);
  rateTargets.forEach((rate, index) => {
    if (rateMask[index] > 0) sums[index % units] += rate;
  });
  return Array.from(sums, (_, unit) => unit).sort((a, b) => sums[b] - sums[a] || a - b);
}

/** The same trials with only some of the recorded units, in the given order. */
export function withUnits(data, units) {
  const { steps, trials, rateTargets, rateMask } = data;
  const all = rateTargets.length / (steps * trials);
  const pick = (values) =>
    Float32Array.from({ length: steps * trials * units.length }, (_, index) => {
      const row = Math.floor(index / units.length);
      return values[row * all + units[index % units.length]];
    });
  return { ...data, rateTargets: pick(rateTargets), rateMask: pick(rateMask) };
}

/** Where a movement is compared: velocity and rates share the mask of recorded steps, which leaves the delay out. */
export function recordedMask({ steps, trials, rateMask }, channels) {
  const units = rateMask.length / (steps * trials);
  return Float32Array.from(
    { length: steps * trials * channels },
    (_, index) => rateMask[Math.floor(index / channels) * units],
  );
}

/**
 * What knowing only the target and the time since the go cue can predict: the mean over `training` trials with the same
 * target at the same time. Where a reach lasts longer than all of those, the last step that one of them has.
 * @param key "targets" or "rateTargets".
 * @returns [T, B, channels] of `data`; 0 where nothing was recorded.
 */
export function targetMeans(training, data, key) {
  const channels = data[key].length / (data.steps * data.trials);
  const means = new Map();
  forEachRecorded(training, (place, since, row) => {
    const id = `${place} ${since}`;
    const entry = means.get(id) ?? { count: 0, sums: new Float64Array(channels) };
    entry.count += 1;
    for (let c = 0; c < channels; c += 1) entry.sums[c] += training[key][row * channels + c];
    means.set(id, entry);
  });
  const predicted = new Float32Array(data[key].length);
  forEachRecorded(data, (place, since, row) => {
    let step = since;
    while (!means.has(`${place} ${step}`) && step > 0) step -= 1;
    const entry = means.get(`${place} ${step}`);
    if (entry === undefined) throw new RangeError(`no training reach went to target ${place}.`);
    for (let c = 0; c < channels; c += 1) predicted[row * channels + c] = entry.sums[c] / entry.count;
  });
  return predicted;
}

/** Visits every recorded step: the target's direction as text, the steps since the go cue, the row (time × trial). */
function forEachRecorded({ steps, trials, inputs, rateMask }, visit) {
  const units = rateMask.length / (steps * trials);
  for (let trial = 0; trial < trials; trial += 1) {
    let go = 0;
    while (inputs[3 * (go * trials + trial) + 2] === 0) go += 1;
    const place = `${inputs[3 * trial].toFixed(3)}, ${inputs[3 * trial + 1].toFixed(3)}`;
    for (let step = go; step < steps; step += 1) {
      const row = step * trials + trial;
      if (rateMask[row * units] > 0) visit(place, step - go, row);
    }
  }
}
