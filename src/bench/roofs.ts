import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import { Tensor } from "../gpu/tensor.ts";
import { gridFor, groupsFor, powerOfTwo } from "../ops/grid.ts";
import { tileName, tilesOf, withTile } from "../ops/tiles.ts";
import { roofCopy, roofMultiplyAdd, roofProduct, roofWorkgroup } from "../wgsl/generated.ts";
import { type Timing, timeKernel } from "./timing.ts";

/** What an adapter can do at most, measured by kernels that do nothing else. */
export interface Roofs {
  /** Multiply-adds in registers, float32, 10⁹ operations a second (an add and a multiplication each count). */
  readonly multiplyAdd: number;
  /** A matrix product by the fastest register tile of the recurrent kernels, 10⁹ operations a second. */
  readonly product: number;
  /** The same by every tile that the recurrent kernels can take. */
  readonly products: Readonly<Record<string, number>>;
  /** Storage read and written by a copy, GB a second. */
  readonly storage: number;
  /** Loads of vec4f from workgroup memory, GB a second. */
  readonly workgroup: number;
  /** One dispatch of next to nothing among many in a pass, microseconds. */
  readonly dispatch: number;
}

const size = 64;

/** Work for about a millisecond on a software adapter, and for about as long on a fast GPU. */
function loads(isSoftware: boolean) {
  return isSoftware
    ? { groups: 256, rounds: 128, copied: 2 ** 22, width: 256 }
    : { groups: 16384, rounds: 2048, copied: 2 ** 26, width: 2048 };
}

/** @param rounds samples of each. */
export async function measureRoofs(device: Device, rounds: number): Promise<Roofs> {
  const { groups, rounds: turns, copied, width } = loads(device.info.isSoftware);
  const tensors: Tensor[] = [];
  const tensor = (label: string, elements: number): Tensor => {
    const made = new Tensor(device, label, [elements]);
    tensors.push(made);
    return made;
  };
  const time = async (...dispatches: Dispatch[]): Promise<Timing> => timeKernel(device, dispatches, rounds);
  try {
    const out = tensor("roof sums", 4 * groups * size);
    const add = await Kernel.create(device, roofMultiplyAdd, { WORKGROUP_SIZE: size, ROUNDS: turns });
    const shared = await Kernel.create(device, roofWorkgroup, { WORKGROUP_SIZE: size, ROUNDS: turns });
    const copy = await Kernel.create(device, roofCopy, { WORKGROUP_SIZE: size });
    const nothing = await Kernel.create(device, roofMultiplyAdd, { WORKGROUP_SIZE: 1, ROUNDS: 1 });
    const [from, to] = [tensor("roof source", copied), tensor("roof copy", copied)];
    const [a, b, c] = [
      tensor("roof a", width * width),
      tensor("roof b", width * width),
      tensor("roof c", width * width),
    ];
    const invocations = groups * size;
    const added = await time(add.dispatch({ out: readWrite(out) }, [groups, 1, 1]));
    const loaded = await time(shared.dispatch({ out: readWrite(out) }, [groups, 1, 1]));
    const moved = await time(copy.dispatch({ source: read(from), out: readWrite(to) }, gridFor(copied / 4, size, 1)));
    const matrices = { a: read(a), b: read(b), c: readWrite(c) };
    const products: Record<string, number> = {};
    for (const tile of tilesOf(device)) {
      const invocations = groupsFor(width, tile.columns);
      const workgroup = powerOfTwo(invocations, 4, size);
      const product = await Kernel.create(device, withTile(roofProduct, tile), {
        WORKGROUP_SIZE: workgroup,
        SIZE: width,
      });
      const grid = [groupsFor(invocations, workgroup), width / tile.rows, 1] as const;
      const multiplied = await time(product.dispatch(matrices, grid));
      products[tileName(tile)] = (2 * width ** 3) / multiplied.median / 1e6;
    }
    const many = Array.from({ length: 256 }, () => nothing.dispatch({ out: readWrite(out) }, [1, 1, 1]));
    const dispatched = await time(...many);
    return {
      multiplyAdd: (invocations * turns * 16) / added.median / 1e6,
      product: Math.max(...Object.values(products)),
      products,
      storage: (2 * 4 * copied) / moved.median / 1e6,
      workgroup: (invocations * turns * 16) / loaded.median / 1e6,
      dispatch: (1000 * dispatched.median) / many.length,
    };
  } finally {
    for (const each of tensors) each.dispose();
  }
}
