import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The parts of a package.json that are looked at. */
interface Manifest {
  version: string
  dependencies: Record<string, string>
}

// This file lies two folders below the product's root both as source and as built.
export const productFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

export const readManifest = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8')) as Manifest

export const productVersion = (): string => readManifest(productFile('package.json')).version
