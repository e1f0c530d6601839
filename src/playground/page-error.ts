import { CortrainError } from "../errors.ts";

/** The page lacks something that its code counts on. */
export class PageError extends CortrainError {}
