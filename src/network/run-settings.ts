import { quietSettings, type SettingsValues } from "../ops/settings.ts";
import { streams } from "../random.ts";

/** Standard deviations of the noise of a network that has none. */
export const silence = { pre: 0, post: 0 } as const;

/**
 * Settings of a pass in which nothing is learned: its noise comes from the stream of runs, the same for the same seed.
 * @param firstStep time steps that were run before, so that the noise goes on where theirs ended.
 */
export function runSettings(
  seed: number,
  noise: { readonly pre: number; readonly post: number },
  firstStep = 0,
): SettingsValues {
  return {
    ...quietSettings,
    seed,
    first_step: firstStep,
    noise_stream: streams.runNoise,
    noise_pre: noise.pre,
    noise_post: noise.post,
  };
}
