/**
 * What is being done in a window, and where `path` is given with what lies there: made at the first call, and the same from
 * then on, so one looks elsewhere and comes back to it.
 */
export function remembered<Window extends object, Key extends [] | [path: string], Made>(
  create: (window: Window, ...key: Key) => Made,
): (window: Window, ...key: Key) => Made {
  const known = new WeakMap<Window, Map<string, Made>>()
  return (window, ...key) => {
    const ofWindow = known.get(window) ?? new Map<string, Made>()
    known.set(window, ofWindow)
    const path = key[0] ?? ''
    const there = ofWindow.get(path)
    if (there !== undefined) return there
    // A root of its own: what is derived in a component goes stale with it.
    let made!: Made
    $effect.root(() => {
      made = create(window, ...key)
    })
    ofWindow.set(path, made)
    return made
  }
}
