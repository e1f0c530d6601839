import { categorical } from "../plot/palette.ts";

/** Colours of what is true and of what the activity says of it, in all drawings; style.css has them for text. */
export const tellTale = { truth: categorical[1], decoded: categorical[0] } as const;
