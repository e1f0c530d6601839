/** The shape of what `shaders/bundle.mjs` writes about a shader; see `src/wgsl/generated.ts`. */

/** One member of a struct in a buffer: byte offset, WGSL scalar or vector type, number of elements (1 unless an array). */
export interface StructField {
  readonly offset: number;
  readonly type: string;
  readonly count: number;
}

/** Members of a struct by name. */
export type StructFields = Readonly<Record<string, StructField>>;

export interface UniformBinding {
  readonly group: number;
  readonly binding: number;
  readonly kind: "uniform";
  /** Bound with a byte offset that each dispatch gives. */
  readonly dynamic: boolean;
  /** Bytes, rounded up to 16. */
  readonly size: number;
  readonly fields: StructFields;
}

export interface StorageBinding {
  readonly group: number;
  readonly binding: number;
  readonly kind: "storage";
  readonly access: "read" | "readWrite";
  /** Layout of one element where the buffer is an array of structs; size in bytes. */
  readonly element?: { readonly size: number; readonly fields: StructFields };
}

export type Binding = UniformBinding | StorageBinding;

/** One compute shader: code with its includes, bindings, and the constants that specialise it. */
export interface Shader {
  readonly name: string;
  readonly entryPoint: string;
  readonly overrides: Readonly<Record<string, string>>;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly code: string;
}
