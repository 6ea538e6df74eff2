#!/bin/sh
# build-roots.sh FOLDER: makes the roots that agents are installed in, as FOLDER/NAME.tar, and FOLDER/qemu-aarch64. Existing
# ones are kept. It installs its tools in an overlay, which this machine does not keep. Needs root, and apt with a mirror of Debian.
#   debian-11, debian-12, debian-13   with apt and curl; debian-12 with the programs that manage trusted CAs, too
#   arm64                             files of Debian 12 for arm64, unpacked and not configured: nothing runs while it is made
#   busybox, busybox-arm64            one static program
set -eu
target=$1

if [ "${2:-}" != inside ]; then
  mkdir -p "$target"
  exec 9>"$target/lock"
  flock 9
  [ ! -e "$target/complete" ] || exit 0
  exec unshare --mount --propagation private sh "$0" "$target" inside
fi

place=$(mktemp -d)
trap 'umount --recursive --lazy "$place"; rmdir "$place"' EXIT
mount -t tmpfs -o size=4g tmpfs "$place"
mkdir "$place/upper" "$place/work" "$place/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" "$place/root"
for folder in proc sys dev; do mount --rbind "/$folder" "$place/root/$folder"; done
inside() { chroot "$place/root" env DEBIAN_FRONTEND=noninteractive "$@" >&2; }

dpkg --print-architecture | grep -qx amd64 || { echo 'the roots are made on amd64' >&2; exit 1; }
inside dpkg --add-architecture arm64
inside apt-get -qq update
inside apt-get -qq -y --no-install-recommends install mmdebstrap >/dev/null
mirror=$(chroot "$place/root" apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep '/debian/*$' | head -n 1)

# The mirror may be a copy of some weeks ago.
strap() {
  name=$1 suite=$2
  shift 2
  inside mmdebstrap --quiet --aptopt='Acquire::Check-Valid-Until "false"' "$@" "$suite" "/made/$name" "$mirror"
}
mkdir "$place/root/made"
strap debian-11 bullseye --variant=apt --include=curl &
jobs=$!
strap debian-12 bookworm --variant=apt --include=curl,ca-certificates &
jobs="$jobs $!"
strap debian-13 trixie --variant=apt --include=curl &
jobs="$jobs $!"
strap arm64 bookworm --variant=extract --arch=arm64 \
  --include=base-files,base-passwd,dash,coreutils,grep,sed,findutils,tar,gzip,curl,libc-bin &
jobs="$jobs $!"

mkdir "$place/root/fetched"
inside sh -c 'cd /fetched && apt-get -qq download qemu-user-static busybox-static:amd64 busybox-static:arm64'
unpack() { dpkg-deb --fsys-tarfile "$place"/root/fetched/$1 | tar -x -C "$place/root/fetched" --transform "s|.*/|$3-|" "$2"; }
unpack 'qemu-user-static_*.deb' ./usr/bin/qemu-aarch64-static qemu
unpack 'busybox-static_*_amd64.deb' ./bin/busybox amd64
unpack 'busybox-static_*_arm64.deb' ./bin/busybox arm64
mkdir -p "$place/root/made/busybox/bin" "$place/root/made/busybox-arm64/bin"
cp "$place/root/fetched/amd64-busybox" "$place/root/made/busybox/bin/busybox"
cp "$place/root/fetched/arm64-busybox" "$place/root/made/busybox-arm64/bin/busybox"
# The names of the applets, by the program for this machine's CPU: both have the same ones.
for name in busybox busybox-arm64; do
  root=$place/root/made/$name
  for folder in sbin usr/bin usr/sbin etc root tmp var/lib proc sys dev opt; do mkdir -p "$root/$folder"; done
  chmod 1777 "$root/tmp"
  "$place/root/made/busybox/bin/busybox" --list-full | while read -r path; do
    [ "$path" = bin/busybox ] || ln -sf /bin/busybox "$root/$path"
  done
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  echo 'root:x:0:' >"$root/etc/group"
  printf 'ID=busybox\nVERSION_ID=1\nPRETTY_NAME="Busybox"\n' >"$root/etc/os-release"
done
for job in $jobs; do wait "$job"; done

# Nothing of base-passwd has run.
cp "$place/root/made/arm64/usr/share/base-passwd/passwd.master" "$place/root/made/arm64/etc/passwd"
cp "$place/root/made/arm64/usr/share/base-passwd/group.master" "$place/root/made/arm64/etc/group"
ln -sf dash "$place/root/made/arm64/bin/sh"

cp "$place/root/fetched/qemu-qemu-aarch64-static" "$target/qemu-aarch64"
for root in "$place"/root/made/*; do
  # Devices are those of this machine.
  tar --xattrs --xattrs-include='*' --exclude='./dev/*' -C "$root" -cf "$target/$(basename "$root").tar" .
done
: >"$target/complete"
