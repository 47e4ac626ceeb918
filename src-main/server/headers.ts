import { pagePolicy } from '../host/page-files.ts'

/**
 * Headers of every answer. The page talks to nobody but this server.
 *
 * @param host of the request, already checked: some browsers do not take `'self'` for a WebSocket's address
 */
export const securityHeaders = (host: string): Record<string, string> => ({
  'Content-Security-Policy': pagePolicy(`'self' ws://${host}`),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  // The address that lets a browser in holds the token.
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Cache-Control': 'no-store',
})

/** For a person's files: whatever is in them, a browser that shows one runs nothing of it. */
export const fileHeaders = { 'Content-Security-Policy': "default-src 'none'; sandbox" }
