/** Labelled pictures with more pixels are refused before they are decoded; equals the inspector's shipped default. */
export const MAX_PIXELS = 50_000_000;
