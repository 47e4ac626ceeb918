import { createRequire } from 'node:module'
import { arch, cpus, freemem, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { DoctorReport } from '../contract/engine.ts'
import type { EngineChoice } from '../contract/engines.ts'
import type { BackendOptions } from './backend/backend.ts'
import { probeBackends } from './backend/select.ts'
import { productFile, productVersion, readManifest } from './product.ts'

/** What this machine is, and which engines run on it. @param choice what `auto` stands for */
export async function doctorReport(choice: EngineChoice, options: BackendOptions): Promise<DoctorReport> {
  return {
    version: productVersion(),
    node: process.version,
    platform: `${platform()} ${arch()} ${release()}`,
    cpu: cpus()[0]?.model.trim() ?? '',
    cores: cpus().length,
    memory: { total: totalmem(), free: freemem(), process: process.memoryUsage.rss() },
    engines: await probeBackends(choice, options),
    libraries: installedLibraries(),
  }
}

/** Versions of the libraries that are installed, which may differ from those that were asked for. */
function installedLibraries(): Record<string, string> {
  const require = createRequire(import.meta.url)
  const versionOf = (name: string): [string, string][] => {
    for (const folder of require.resolve.paths(name) ?? []) {
      try {
        return [[name, readManifest(join(folder, name, 'package.json')).version]]
      } catch {
        // Not in this node_modules; the next one up may have it.
      }
    }
    return []
  }
  return Object.fromEntries(
    Object.keys(readManifest(productFile('package.json')).dependencies).flatMap(versionOf),
  )
}
