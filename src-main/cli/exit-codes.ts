/** Exit codes: done; something failed; the command line was not understood. A signal ends with 128 + its number. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const

/** Signals that end a job cleanly, with the exit codes that shells give them. */
export const signalExitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
