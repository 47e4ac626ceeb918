/** Rows chosen in a list, by id. */
export interface Selection {
  ids: ReadonlySet<string>
  /** The row that is shown, and that keys act from; null for an empty list. */
  current: string | null
  /** Where a range begins. */
  anchor: string | null
}

export interface Modifiers {
  /** Shift: from the anchor to here. */
  range: boolean
  /** Ctrl or Command: this row in or out, the rest as it is. */
  toggle: boolean
}

export const emptySelection: Selection = { ids: new Set(), current: null, anchor: null }

export const only = (id: string): Selection => ({ ids: new Set([id]), current: id, anchor: id })

export function selectAll(order: readonly string[], selection: Selection): Selection {
  const current = selection.current ?? order[0] ?? null
  return { ids: new Set(order), current, anchor: selection.anchor ?? current }
}

/** What a click on a row, or a key that moves to it, selects. `order`: the ids from top to bottom. */
export function choose(
  selection: Selection,
  order: readonly string[],
  id: string,
  { range, toggle }: Modifiers,
): Selection {
  if (range) {
    const anchor = selection.anchor ?? id
    const ends = [order.indexOf(anchor), order.indexOf(id)].sort((a, b) => a - b) as [number, number]
    const between = order.slice(Math.max(ends[0], 0), ends[1] + 1)
    return { ids: new Set(toggle ? [...selection.ids, ...between] : between), current: id, anchor }
  }
  if (!toggle) return only(id)
  const ids = new Set(selection.ids)
  if (!ids.delete(id)) ids.add(id)
  return { ids, current: id, anchor: id }
}

/** The row `by` places further, ended at both ends of the list. */
export function neighbour(selection: Selection, order: readonly string[], by: number): string | null {
  const at = selection.current === null ? -1 : order.indexOf(selection.current)
  if (at < 0) return order[0] ?? null
  return order[Math.min(Math.max(at + by, 0), order.length - 1)] ?? null
}

/**
 * The selection after rows came or went. Where the current row is gone, the one that took its place becomes current, so
 * that removing one picture after another needs no pointer.
 */
export function kept(selection: Selection, before: readonly string[], after: readonly string[]): Selection {
  const there = new Set(after)
  if (selection.current !== null && there.has(selection.current)) {
    const ids = new Set([...selection.ids].filter((id) => there.has(id)))
    const anchor =
      selection.anchor !== null && there.has(selection.anchor) ? selection.anchor : selection.current
    return ids.size === selection.ids.size && anchor === selection.anchor
      ? selection
      : { ids, current: selection.current, anchor }
  }
  if (after.length === 0) return emptySelection
  const at = selection.current === null ? 0 : Math.max(before.indexOf(selection.current), 0)
  const next =
    before.slice(at).find((id) => there.has(id)) ?? before.slice(0, at).findLast((id) => there.has(id))
  return only(next ?? after[0]!)
}
