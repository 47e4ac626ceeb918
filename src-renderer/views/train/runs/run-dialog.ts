/** What can be asked about a run in a dialog. */
export type RunDialog = 'rename' | 'delete' | 'archive' | 'export'
