import type { Device } from "../gpu/device.ts";
import { Tensor } from "../gpu/tensor.ts";
import type { Model } from "../network/model.ts";
import { type Layout, parameterOffsets } from "./layout.ts";
import { flatPlasticity } from "./rules.ts";
import { gradientLists } from "./update.ts";

const nothing = 0xffffffff;

/** Elements of weightHH that may exist, ascending. */
function synapsesOf({ masks: { weightHH }, parameters }: Model): Uint32Array {
  const elements = new Uint32Array(parameters.weightHH.length);
  let count = 0;
  for (let element = 0; element < elements.length; element += 1) {
    if (weightHH !== undefined && weightHH[element] === 0) continue;
    elements[count] = element;
    count += 1;
  }
  return elements.subarray(0, count);
}

/**
 * The recurrent synapses of every replica that may exist, shared out to the invocations that finish their gradients:
 * shaders/sparse_gradient_finish.wgsl.
 */
export function presentElements(device: Device, layout: Layout, models: readonly Model[]): Tensor {
  const { lists, listOf } = gradientLists(layout, layout.hidden ** 2);
  const synapses = models.map(synapsesOf);
  const width = lists + 1 + Math.max(...synapses.map(({ length }) => length));
  const all = new Uint32Array(models.length * width);
  for (const [replica, elements] of synapses.entries()) {
    const own = all.subarray(replica * width, (replica + 1) * width);
    // Counting sort by list: own[1 + list] counts, then is where the next element of the list goes, then where it ends.
    for (const element of elements) own[1 + listOf(element)] = (own[1 + listOf(element)] ?? 0) + 1;
    own[0] = lists + 1;
    for (let list = 1; list <= lists; list += 1) own[list] = (own[list] ?? 0) + (own[list - 1] ?? 0);
    const next = own.slice(0, lists);
    for (const element of elements) {
      const list = listOf(element);
      const at = next[list] ?? 0;
      own[at] = element;
      next[list] = at + 1;
    }
  }
  const tensor = new Tensor(device, "present", [models.length, width]);
  tensor.write(all);
  return tensor;
}

/** All parameters of every replica but recurrent synapses that never exist, with their plasticity: shaders/sparse_update.wgsl. */
export function updatedParameters(device: Device, layout: Layout, models: readonly Model[]): Tensor {
  const { weightHH, biasH, end } = parameterOffsets(layout);
  const synapses = models.map(synapsesOf);
  const items = end - (biasH - weightHH) + Math.max(...synapses.map(({ length }) => length));
  const all = new Uint32Array(models.length * items * 2).fill(nothing);
  for (const [replica, model] of models.entries()) {
    const own = all.subarray(replica * items * 2, (replica + 1) * items * 2);
    const bits = new Uint32Array(flatPlasticity(model).buffer);
    let at = 0;
    const add = (parameter: number): void => {
      own[at] = parameter;
      own[at + 1] = bits[parameter] ?? 0;
      at += 2;
    };
    for (let parameter = 0; parameter < weightHH; parameter += 1) add(parameter);
    for (const element of synapses[replica] ?? []) add(weightHH + element);
    for (let parameter = biasH; parameter < end; parameter += 1) add(parameter);
  }
  const tensor = new Tensor(device, "updated", [models.length, items, 2]);
  tensor.write(all);
  return tensor;
}
