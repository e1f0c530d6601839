/**
 * Dawn's Node binding spins while a promise of it is pending, and takes a core from a software adapter. cortrain sleeps
 * meanwhile (src/gpu/device.ts); here the others do, too, so that all wait in the same way.
 */
const sleeper = new Int32Array(new SharedArrayBuffer(4));
let waiting = 0;

function sleep() {
  if (waiting === 0) return;
  Atomics.wait(sleeper, 0, 0, 1);
  setImmediate(sleep);
}

export async function whileSleeping(work) {
  waiting += 1;
  if (waiting === 1) setImmediate(sleep);
  try {
    return await work();
  } finally {
    waiting -= 1;
  }
}

/** Counts what goes through the WebGPU of this process: dispatches, and host objects made. */
export function countCalls(globals) {
  const counts = { dispatches: 0, bindGroups: 0, buffers: 0, submits: 0 };
  const count = (type, method, key) => {
    const own = globals[type]?.prototype;
    const original = own?.[method];
    if (original === undefined) return;
    own[method] = function counted(...args) {
      counts[key] += 1;
      return original.apply(this, args);
    };
  };
  count("GPUComputePassEncoder", "dispatchWorkgroups", "dispatches");
  count("GPUDevice", "createBindGroup", "bindGroups");
  count("GPUDevice", "createBuffer", "buffers");
  count("GPUQueue", "submit", "submits");
  return counts;
}
