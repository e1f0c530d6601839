import { blocksOf, gateBlocks } from "./gated.ts";
import { type Layout, parameterOffsets } from "./layout.ts";
import { type InitialStateGradients, noBias, type ProductPlan, sides, type WeightGradientBuffers } from "./products.ts";

/** Gates whose rows of A and of C both follow each other, so that one product does them all. */
interface GateRun {
  /** The first gate, and its block in a row of `gateGradients`. */
  readonly gate: number;
  readonly block: number;
  readonly count: number;
}

/** Blocks are padded to whole vec4f: without padding between them, neighbours are one matrix. */
function runsOf(blocks: readonly number[], hidden: number): readonly GateRun[] {
  const runs: GateRun[] = [];
  for (const [gate, block] of blocks.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && hidden % 4 === 0 && block === last.block + last.count)
      runs.splice(-1, 1, { ...last, count: last.count + 1 });
    else runs.push({ gate, block, count: 1 });
  }
  return runs;
}

/**
 * What the weights onto the gates need: products of the gates' gradients with the rates of the step before, and with the
 * inputs; sums of them for the biases; and of the gradients of slot 0 for the initial state.
 */
export function gatedProducts(
  layout: Layout,
  buffers: WeightGradientBuffers,
  options: InitialStateGradients & { readonly rows: number },
): ProductPlan[] {
  const { steps, batch, inputs, hidden, hidden4, cell } = layout;
  const { atHidden, fromRates, fromInputs, ones } = sides(layout);
  const offsets = parameterOffsets(layout);
  const { inputs: u, rates: r, gateGradients: da, stateGradients: ds, rateGradients: dr } = buffers;
  const blocks = blocksOf(layout);
  const gateSide = ({ block, count }: Pick<GateRun, "block" | "count">) => ({
    rows: options.rows,
    a_first: 0,
    a_start: (batch * gateBlocks + block) * hidden4,
    a_row: gateBlocks * hidden4,
    a_replica: (steps + 1) * batch * gateBlocks * hidden4,
    a_columns: count * hidden,
  });
  const recurrent = runsOf(
    blocks.map((block) => block.recurrent),
    hidden,
  ).map((run): ProductPlan => {
    const out = { out_start: offsets.weightHH + run.gate * hidden * hidden, out_width: hidden };
    const values = { ...gateSide(run), ...fromRates, b_start: 0, ...out, bias_column: noBias, bias_start: 0 };
    return { a: da, b: r, values };
  });
  const fromInput = runsOf(
    blocks.map((block) => block.input),
    hidden,
  ).map((run): ProductPlan => {
    const out = { out_start: offsets.weightIH + run.gate * hidden * inputs, out_width: inputs };
    const bias = { bias_column: inputs, bias_start: offsets.biasH + run.gate * hidden };
    const values = { ...gateSide(run), ...fromInputs, b_start: 0, b_first: 0, b_columns: inputs + 1, ...out, ...bias };
    return { a: da, b: u, values };
  });
  const atStart = { rows: batch, ...atHidden, a_start: 0, ...ones, out_start: 0 };
  const list = [...recurrent, ...fromInput];
  if (cell === "gru")
    list.push({
      a: da,
      b: u,
      values: { ...gateSide({ block: 3, count: 1 }), ...ones, out_start: 0, bias_start: offsets.biasN },
    });
  if (options.v0 && cell === "lstm")
    list.push({ a: ds, b: u, values: { ...atStart, bias_start: offsets.v0 }, atStart: true });
  // A GRU's state is its rate.
  if (options.r0)
    list.push({ a: cell === "gru" ? ds : dr, b: u, values: { ...atStart, bias_start: offsets.r0 }, atStart: true });
  return list;
}
