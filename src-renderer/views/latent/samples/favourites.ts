/** The same for the same code. */
export const keyOfCode = (code: readonly number[]): string => code.join(' ')

export const maximumFavourites = 1024

/** Puts a code among the favourites, or takes it out; the oldest go where there are too many. */
export function toggled(favourites: readonly number[][], code: readonly number[]): number[][] {
  const key = keyOfCode(code)
  const others = favourites.filter((favourite) => keyOfCode(favourite) !== key)
  return others.length < favourites.length ? others : [...favourites, [...code]].slice(-maximumFavourites)
}
