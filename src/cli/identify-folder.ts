import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { type BilinearNetwork, inputsOf } from "../attractors/bilinear-network.ts";
import { isBilinear } from "../identify/bilinear-engine.ts";
import type { TrueConnectivity } from "../identify/learned-network.ts";
import type { ScoredNetwork } from "../identify/score-fitted.ts";
import { type ScoredMethod, scoreCsv, summariseScores } from "../identify/score-table.ts";
import type { ArrayData } from "../io/array.ts";
import { writeFilesAtomically, writeModel } from "../io/node/files.ts";
import { encodeNpz } from "../io/npz.ts";
import { modelToFile } from "../network/create.ts";
import type { ScoredCondition } from "./identify.ts";
import { ResultFolder } from "./result-folder.ts";

/** A run's folder: config.json, metrics.jsonl, networks/, connectivity.npz, scores.* and figures/. */
export class IdentifyFolder extends ResultFolder {
  override async writeConfig(config: object): Promise<void> {
    await super.writeConfig(config, { "metrics.jsonl": "" });
  }

  async appendMetrics(line: object): Promise<void> {
    await appendFile(join(this.path, "metrics.jsonl"), `${JSON.stringify(line)}\n`);
  }

  /** networks/<condition>/<seed>/: a model, or of a multiplicative network network.npz. */
  async writeNetworks(condition: string, networks: readonly ScoredNetwork[]): Promise<void> {
    for (const { fitted } of networks) {
      const { model, seed } = fitted;
      const folder = join(this.path, "networks", condition, String(seed));
      if (!isBilinear(model)) await writeModel(folder, modelToFile(model));
      else await writeFilesAtomically(folder, new Map([["network.npz", encodeBilinear(model)]]));
    }
  }

  /** @param agreements how alike the networks of each condition are. */
  async writeScores(
    methods: readonly ScoredMethod[],
    agreements: readonly ScoredMethod[],
    table: string,
  ): Promise<void> {
    const all = agreements.length === 0 ? {} : summariseScores(agreements);
    await this.writeTexts({
      "scores.txt": `${table}\n`,
      "scores.csv": scoreCsv(methods),
      "scores.json": `${JSON.stringify({ conditions: summariseScores(methods), agreements: all }, null, 2)}\n`,
    });
  }

  /** connectivity.npz: `true_weights`, `true_velocity_weights`, and of each network `<condition>_<seed>_weights`, `…_input_weights` or `…_velocity_weights`, `…_bias`. */
  async writeConnectivity(scored: readonly ScoredCondition[], truth: TrueConnectivity | undefined): Promise<void> {
    const arrays = new Map<string, ArrayData>();
    const put = (name: string, shape: readonly number[], values: ArrayLike<number>): void => {
      arrays.set(name, { shape, data: Float32Array.from(values) });
    };
    if (truth !== undefined) {
      const units = Math.sqrt(truth.weights.length);
      put("true_weights", [units, units], truth.weights);
      const { velocityWeights } = truth;
      if (velocityWeights !== undefined)
        put("true_velocity_weights", [velocityWeights.length / units ** 2, units, units], velocityWeights);
    }
    for (const { name, networks } of scored)
      for (const { fitted } of networks) {
        const { units, weights, inputWeights, velocityWeights, bias } = fitted.learned;
        const own = `${name}_${fitted.seed}`;
        put(`${own}_weights`, [units, units], weights);
        if (inputWeights) put(`${own}_input_weights`, [units, inputWeights.length / units], inputWeights);
        if (velocityWeights)
          put(`${own}_velocity_weights`, [velocityWeights.length / units ** 2, units, units], velocityWeights);
        put(`${own}_bias`, [units], bias);
      }
    if (arrays.size === 0) return;
    await writeFilesAtomically(this.path, new Map([["connectivity.npz", encodeNpz(arrays, { compress: true })]]));
  }
}

/** A multiplicative network: weights [N, N], velocity_weights [D, N, N] (post, pre), bias [N]. */
function encodeBilinear(network: BilinearNetwork): Uint8Array {
  const { units, weights, velocityWeights, bias = new Float32Array(units) } = network;
  const arrays = new Map<string, ArrayData>([
    ["weights", { shape: [units, units], data: weights }],
    ["velocity_weights", { shape: [inputsOf(network), units, units], data: velocityWeights }],
    ["bias", { shape: [units], data: bias }],
  ]);
  return encodeNpz(arrays);
}
