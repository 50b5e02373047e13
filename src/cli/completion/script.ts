import { bool } from "../flags/flag.ts";

export const withoutAbouts = bool("", "disable completion descriptions");

/** The hidden command that a script asks: candidates with what each is, or without. */
export const requestFor = (plain: boolean): string => (plain ? "__completeNoDesc" : "__complete");
