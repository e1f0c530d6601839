import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeNpy } from "../../src/io/npy.ts";
import { checkDale } from "../../src/structure/check.ts";
import { fromConnectome } from "../../src/structure/connectome.ts";
import { describeStructure } from "../../src/structure/describe.ts";
import { inputUnits } from "../../src/structure/query.ts";

const folder = new URL("../../../shared/data/celegans/", import.meta.url);
const isPresent = existsSync(folder);
if (!isPresent) console.warn(`skipped: the C. elegans connectome is not at ${folder.pathname}`);

/** Varshney et al. 2011; Kim, Leahy & Shlizerman 2019. */
describe.skipIf(!isPresent)("the connectome of C. elegans (../shared/data/celegans)", () => {
  const read = (name: string) => readFileSync(new URL(name, folder));

  it("has 279 neurons, 2,305 chemical synapses, 26 inhibitory units, and obeys Dale's law", () => {
    const text = read("neuron_names.txt").toString();
    const names = Array.from(text.matchAll(/u'([^']+)'/g), ([, name]) => name ?? "");
    const signs = decodeNpy(read("emask.npy"), "emask.npy").data.map((isInhibitory) => (isInhibitory ? -1 : 1));
    const structure = fromConnectome({
      weights: decodeNpy(read("Gs.npy"), "Gs.npy"),
      gaps: decodeNpy(read("Gg.npy"), "Gg.npy"),
      names,
      signs,
      inputs: [{ name: "touch", channels: 2, units: ["ALML", "ALMR", "AVM", "PLML", "PLMR"] }],
      outputs: 1,
    });
    expect(structure.hidden).toBe(279);
    const sum = (values: Float32Array | undefined) => values?.reduce((total, value) => total + value, 0);
    expect(sum(structure.masks.weightHH)).toBe(2305);
    expect(structure.unitSigns?.filter((sign) => sign < 0)).toHaveLength(26);
    expect(structure.gapsHH?.filter((value) => value > 0)).toHaveLength(1122);
    expect((sum(structure.strengths?.weightHH) ?? 0) * 37).toBeCloseTo(6932, 1);
    expect(structure.strengths?.weightHH?.reduce((a, b) => Math.max(a, b))).toBe(1);
    expect(structure.signs.weightHH).toBeDefined();
    checkDale("celegans", structure.signs.weightHH ?? new Float32Array(), 279, []);
    expect([...inputUnits(structure, "touch")].map((unit) => names[unit]).sort()).toEqual(
      ["ALML", "ALMR", "AVM", "PLML", "PLMR"].sort(),
    );
    const described = describeStructure(structure);
    expect(described).toContain("279 units: 253 E, 26 I, E/I 9.73");
    expect(described).toContain("2305 synapses");
    expect(described).toContain("self-connections: none");
    expect(described).toContain("gap junctions: 1122 entries");
  });
});
