// For the smoke test of the packaged program on the old Electron of scripts/test-electron.sh:
//   npm run package -- --linux dir --config packaging/smoke.js
// Everything but the runtime is as it is shipped. Never distribute what this makes.
import { rmSync } from 'node:fs'
import { join } from 'node:path'

export default {
  extends: 'electron-builder.yml',
  electronVersion: '22.3.25',
  electronDist: 'node_modules/.cache/electron-22.3.25',
  afterPack({ appOutDir, packager }) {
    rmSync(join(appOutDir, 'resources', 'default_app.asar'))
    // That Electron has no such fuse yet, and electron-builder takes `null` for `false`.
    delete packager.config.electronFuses.grantFileProtocolExtraPrivileges
  },
}
