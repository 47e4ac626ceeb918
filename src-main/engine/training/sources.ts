/** Every use of random numbers has a source of its own, forked from the recipe's seed, so that a change in one leaves the others as they are. */
export const sources = { split: 0, weights: 1, batches: 2, validation: 3, previews: 4, diversity: 5 } as const
