/**
 * Every error this library throws on purpose has one of these classes; all of them extend {@link CortrainError}.
 * A message says what was given, what was expected and what to do.
 */
export class CortrainError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A tensor has the wrong number of elements or axes. */
export class ShapeError extends CortrainError {}

/** A value lies outside what is allowed: NaN in a weight, alpha outside (0, 1], a mask entry that is neither 0 nor 1. */
export class ValueError extends CortrainError {}

/** Masks, signs or weights contradict each other: a Dale conflict, a weight on an absent synapse, a wrong sign. */
export class ConstraintError extends CortrainError {}

/** A configuration has an unknown or missing key, or a value of the wrong type. */
export class ConfigError extends CortrainError {}

/** A file is truncated, hostile, or not of the format its name says. */
export class FileFormatError extends CortrainError {}

/** The adapter's limits do not allow what was asked; the message names the limit, the request and what would fit. */
export class LimitError extends CortrainError {}

/** No WebGPU implementation or no adapter was found; the message says what to install. */
export class AdapterError extends CortrainError {}

/** The GPU device was lost, or used after it was disposed. */
export class DeviceLostError extends CortrainError {}

/** WebGPU reported an error (validation, out of memory, internal) that no error scope had caught. */
export class GpuError extends CortrainError {}

/** An object was used after its `dispose()`. */
export class DisposedError extends CortrainError {}

/** The loss became NaN or infinite. The network holds the weights of the last step whose loss was finite. */
export class DivergenceError extends CortrainError {
  /** The training step (counted from 1) whose loss or gradient was not finite. */
  readonly step: number;
  constructor(message: string, step: number) {
    super(message);
    this.step = step;
  }
}
