/**
 * Something that carries messages (plain data and Uint8Arrays) to one other side, in order. Everything about how it does so
 * stands in the file of the transport.
 */
export interface Channel {
  /** Sends a message; does nothing once the channel is closed. @throws what cannot be carried (functions, proxies). */
  post(message: unknown): void
  /** Sets who is told of messages. Called once; messages that came before are kept for it. */
  on(handler: (message: unknown) => void): void
  /** Adds a handler for the end of the channel, whichever side ended it; called once. */
  onClose(handler: () => void): void
  close(): void
}
