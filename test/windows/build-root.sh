#!/bin/sh
# build-root.sh DIRECTORY: makes a Debian 13 root with Wine 10 and an initialised Wine prefix (/wine), the compiler of the
# service host (mingw) and wixl, which makes MSI packages. An existing directory is kept. The machine does not change:
# mmdebstrap is installed into an overlay. Needs root, and apt with a mirror of Debian.
set -eu
target=$1

if [ "${2:-}" != inside ]; then
  exec 9>"$target.lock"
  flock 9
  [ ! -e "$target" ] || exit 0
  rm -rf "$target.draft"
  mkdir -p "$target.draft"
  exec unshare --mount --pid --fork --kill-child --propagation private sh "$0" "$target" inside
fi

place=$(mktemp -d)
trap 'umount --recursive --lazy "$place"; rmdir "$place"' EXIT
mount -t tmpfs -o size=1g tmpfs "$place"
mkdir "$place/upper" "$place/work" "$place/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" "$place/root"
for folder in proc sys dev; do mount --rbind "/$folder" "$place/root/$folder"; done
mkdir "$place/root/trixie"
mount --bind "$target.draft" "$place/root/trixie"
inside() { chroot "$place/root" env DEBIAN_FRONTEND=noninteractive TMPDIR=/tmp "$@" >&2; }
inside apt-get -qq update
inside apt-get -qq -y --no-install-recommends install mmdebstrap
mirror=$(chroot "$place/root" apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep '/debian/*$' | head -n 1)
# The mirror may be a copy of some weeks ago.
inside mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' \
  --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --include=wine64,wine,msitools,wixl,gcc-mingw-w64-x86-64-win32,ca-certificates trixie /trixie "$mirror"

mount -t proc proc "$target.draft/proc"
# Without a display wineboot does not register the provider of random numbers, which Node.js needs.
chroot "$target.draft" sh -eu >&2 <<'END'
export HOME=/root WINEPREFIX=/wine WINEDEBUG=-all DISPLAY= WINESERVER=/usr/lib/wine/wineserver64
wine=/usr/lib/wine/wine64
$wine wineboot --init </dev/null
$wine regsvr32 /s rsaenh.dll </dev/null
$WINESERVER -w
test -f /wine/drive_c/windows/system32/cmd.exe
rm -rf /var/lib/apt/lists /var/cache/apt
END
umount "$target.draft/proc"
mv "$target.draft" "$target"
