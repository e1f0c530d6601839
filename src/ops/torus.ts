import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { type StructValues, Uniform } from "../gpu/uniforms.ts";
import { torusFrame, torusSpectrum, torusUnits } from "../wgsl/generated.ts";
import { allocate, checkAllFit, type ShapeTable } from "./buffers.ts";
import { lineShape, twiddleTable } from "./fft.ts";
import { elementwiseSize, gridFor, groupsFor } from "./grid.ts";

/** How velocity acts on a sheet: MODE of shaders/torus_spectrum.wgsl. */
export const torusModes = { directions: 0, derivative: 1, shift: 2 } as const;

/** What the plan of a two-dimensional attractor sheet is compiled for. */
export interface TorusSizes {
  readonly side: number;
  /** Points of a side of the field that holds the sheet. */
  readonly field: number;
  readonly trials: number;
  /** Time steps that one submission holds at most. */
  readonly slots: number;
  /** Frames that it keeps at most, and units in a frame. */
  readonly frames: number;
  readonly chosen: number;
  readonly mode: keyof typeof torusModes;
  readonly activation: "relu" | "retanh";
}

/** The numbers of the struct `Sheet` of shaders/lib/torus.wgsl that are not sizes. */
export type SheetNumbers = Omit<StructValues<typeof torusUnits.bindings.sheet.fields>, "side" | "trials">;

/** Codes of shaders/lib/activation.wgsl. */
const activationCodes = { relu: 0, retanh: 3 } as const;
/** Lines that a workgroup has side by side. */
const linesAtOnce = 8;

/** Trials that share one complex image. */
function packedOf(mode: TorusSizes["mode"]): number {
  return mode === "directions" ? 2 : 1;
}

function shapesOf({ side, field, trials, slots, frames, chosen, mode }: TorusSizes) {
  const packed = packedOf(mode);
  const images = Math.ceil(trials / packed);
  const room = packed * images;
  return {
    twiddles: [field, 2],
    kernels: [field, field, 4, 2],
    field: [images, side, field, 2],
    state: [room, side, side],
    units: [side, side, 4],
    velocities: [slots, room, 2],
    steps: [slots],
    sums: [images, 2],
    chosen: [chosen],
    frames: [frames, trials, chosen],
  } satisfies ShapeTable<string>;
}

/**
 * Time steps of a two-dimensional attractor sheet: two dispatches a step, whatever the number of trials, and one for a frame
 * that is kept. Trials are [trials, side, side].
 */
export class TorusPlan {
  readonly sizes: TorusSizes;
  readonly tensors: Readonly<Record<keyof ReturnType<typeof shapesOf>, Tensor>>;
  /** Transforms a state that was written; comes before the first step. */
  readonly start: Dispatch;
  /** The dispatches of the time step in each slot. */
  readonly steps: readonly (readonly Dispatch[])[];
  /** Keeps the rates of the chosen units in each slot of the frames. */
  readonly frames: readonly Dispatch[];
  readonly #uniforms: readonly Uniform[];

  private constructor(
    parts: Pick<TorusPlan, "sizes" | "tensors" | "start" | "steps" | "frames"> & { uniforms: readonly Uniform[] },
  ) {
    this.sizes = parts.sizes;
    this.tensors = parts.tensors;
    this.start = parts.start;
    this.steps = parts.steps;
    this.frames = parts.frames;
    this.#uniforms = parts.uniforms;
  }

  /** @throws LimitError where the adapter cannot hold it; nothing is allocated then. */
  static check(device: Device, sizes: TorusSizes): void {
    checkAllFit(device, shapesOf(sizes));
  }

  /**
   * @param tables spectra of the kernels and properties of the units, as attractors/torus-kernel.ts makes them; the units that
   * frames keep.
   * @throws LimitError where the adapter cannot hold the plan, before anything is allocated.
   */
  static async compile(
    device: Device,
    sizes: TorusSizes,
    numbers: SheetNumbers,
    tables: { readonly kernels: Float32Array; readonly units: Float32Array; readonly chosen: Uint32Array },
  ): Promise<TorusPlan> {
    const { side, field, slots, trials, mode } = sizes;
    TorusPlan.check(device, sizes);
    const MODE = torusModes[mode];
    const columns = lineShape(device, field, linesAtOnce);
    const rows = lineShape(device, field, linesAtOnce);
    const unitOverrides = { ...rows, MODE, ACTIVATION: activationCodes[sizes.activation] };
    const [spectrum, first, units, frame] = await Promise.all([
      Kernel.create(device, torusSpectrum, { ...columns, MODE }),
      Kernel.create(device, torusUnits, { ...unitOverrides, START: true }),
      Kernel.create(device, torusUnits, { ...unitOverrides, START: false }),
      Kernel.create(device, torusFrame, { WORKGROUP_SIZE: elementwiseSize }),
    ]);
    const shapes = shapesOf(sizes);
    const tensors = allocate(device, shapes);
    tensors.twiddles.write(twiddleTable(field));
    for (const name of ["kernels", "units", "chosen"] as const) tensors[name].write(tables[name]);
    const [images, room] = [shapes.field[0] as number, shapes.state[0] as number];
    const sheet = new Uniform(device, "sheet", torusUnits.bindings.sheet, [{ ...numbers, side, trials: room }]);
    const slotNumbers = Array.from({ length: slots }, (_, slot) => ({ slot }));
    const time = new Uniform(device, "time", torusUnits.bindings.time, slotNumbers);
    const frameNumbers = Array.from({ length: sizes.frames }, (_, slot) => ({
      ...{ count: sizes.chosen, area: side * side, trials, slot },
    }));
    const frameUniform = new Uniform(device, "frame", torusFrame.bindings.frame, frameNumbers);

    const common = {
      ...{ sheet, time, twiddles: read(tensors.twiddles), field: readWrite(tensors.field) },
      velocities: read(tensors.velocities),
    };
    const unitResources = {
      ...{ ...common, state: readWrite(tensors.state), units: read(tensors.units) },
      ...{ steps: read(tensors.steps), sums: read(tensors.sums) },
    };
    const offsets = slotNumbers.map(({ slot }) => slot * time.stride);
    const rowGrid = [groupsFor(side, rows.LINES), 1, images] as const;
    const spectra = spectrum.dispatchSequence(
      { ...common, kernels: read(tensors.kernels), sums: readWrite(tensors.sums) },
      [groupsFor(field, columns.LINES), 1, images],
      offsets,
    );
    const updates = units.dispatchSequence(unitResources, rowGrid, offsets);
    const frames = frame.dispatchSequence(
      {
        state: read(tensors.state),
        chosen: read(tensors.chosen),
        frames: readWrite(tensors.frames),
        frame: frameUniform,
      },
      gridFor(sizes.chosen, elementwiseSize, trials),
      frameNumbers.map(({ slot }) => slot * frameUniform.stride),
    );
    return new TorusPlan({
      ...{ sizes, tensors, frames, start: first.dispatch(unitResources, rowGrid, 0) },
      steps: slotNumbers.map(({ slot }) => [spectra[slot] as Dispatch, updates[slot] as Dispatch]),
      uniforms: [sheet, time, frameUniform],
    });
  }

  dispose(): void {
    for (const tensor of Object.values(this.tensors)) tensor.dispose();
    for (const uniform of this.#uniforms) uniform.dispose();
  }
}
