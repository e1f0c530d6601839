import { quietSettings, type SettingsValues } from "../ops/settings.ts";
import { streams } from "../random.ts";

/** Standard deviations of the noise of a network that has none. */
export const silence = { pre: 0, post: 0 } as const;

/** Settings of a pass in which nothing is learned: its noise comes from the stream of runs, the same for the same seed. */
export function runSettings(seed: number, noise: { readonly pre: number; readonly post: number }): SettingsValues {
  return {
    ...quietSettings,
    seed,
    noise_stream: streams.runNoise,
    noise_pre: noise.pre,
    noise_post: noise.post,
  };
}
