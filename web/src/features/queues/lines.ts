/** How the lines of a chart differ beside their colours, by the same place as `--series-1` … `--series-6`. */
export const dashes: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [12, 4, 2, 4], [5, 5], [1, 4]];

/** Classes of the swatches beside their names. */
export const strokes = ['stroke-series-1', 'stroke-series-2', 'stroke-series-3', 'stroke-series-4', 'stroke-series-5', 'stroke-series-6'] as const;
