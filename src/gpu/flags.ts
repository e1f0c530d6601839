// WebGPU's flag values, fixed by its specification. Node has no global GPUBufferUsage and the like, and a library should
// not add any.

export const bufferUsage = {
  mapRead: 0x0001,
  copySource: 0x0004,
  copyTarget: 0x0008,
  uniform: 0x0040,
  storage: 0x0080,
  queryResolve: 0x0200,
} as const;

export const mapModeRead = 0x0001;
export const computeStage = 0x4;
