#!/usr/bin/env bash
# Prints the variables with which WebGPU runs on the processor, through Mesa's software Vulkan, and gets that driver first
# where it is missing (Debian 12 x64, 40 MB, a few seconds; nothing of the system is changed):
#   eval "$(scripts/test-vulkan.sh)" && npx vitest run test/engine/backend/webgpu.test.ts
# Debian 12's own Mesa 22.3 is too old for Dawn, which is WebGPU in onnxruntime; its backports' 25.0 is not. apt checks the
# archive's signatures.
set -euo pipefail
cd "$(dirname "$0")/.."

home="$PWD/node_modules/.cache/mesa-vulkan"
libraries="$home/usr/lib/x86_64-linux-gnu"

get_driver() {
  local work suite=bookworm-backports
  work=$(mktemp -d)
  mkdir -p "$work"/{lists/partial,archives/partial,root}
  local archive='deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian'
  printf '%s main\n' "$archive bookworm" "$archive $suite" >"$work/sources.list"
  local options=(-qq -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update
  # The driver, and what a machine without a display may lack of what it needs.
  (cd "$work/archives" && apt-get "${options[@]}" download \
    "mesa-vulkan-drivers/$suite" "libdrm2/$suite" "libdrm-amdgpu1/$suite" libvulkan1 libllvm15 libz3-4 libedit2 libbsd0 \
    libmd0 libxshmfence1 libwayland-client0 libx11-xcb1 libxcb1 libxau6 libxdmcp6 \
    libxcb-{dri3-0,present0,randr0,shm0,sync1,xfixes0})
  for package in "$work"/archives/*.deb; do dpkg-deb -x "$package" "$work/root"; done
  mkdir -p "$(dirname "$home")"
  rm -rf "$home"
  mv "$work/root" "$home"
  rm -rf "$work"
}

[ -e "$libraries/libvulkan_lvp.so" ] || get_driver >&2
missing=$(LD_LIBRARY_PATH="$libraries" ldd "$libraries/libvulkan_lvp.so" | grep 'not found' || true)
if [ -n "$missing" ]; then
  echo "$missing" >&2
  exit 1
fi
# The driver's own description names no folder, and would be looked for among the system's libraries.
sed "s#\"libvulkan_lvp.so\"#\"$libraries/libvulkan_lvp.so\"#" "$home/usr/share/vulkan/icd.d/lvp_icd.json" >"$home/driver.json"
echo "export VK_DRIVER_FILES='$home/driver.json'"
echo "export LD_LIBRARY_PATH='$libraries'\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
