/** The last part of a path of either kind of system. */
export const nameOf = (path: string): string => path.slice(path.search(/[^/\\]*$/))

/** What lies before the name, without the slash at its end; empty where there is nothing. */
export const folderOf = (path: string): string => path.slice(0, Math.max(path.search(/[/\\][^/\\]*$/), 0))
