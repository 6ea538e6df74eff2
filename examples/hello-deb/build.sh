#!/bin/sh
# Builds build/chandler-hello.deb: ./build.sh [VERSION]. The build is reproducible. Requires dpkg-deb, but not root.
set -eu
cd "$(dirname "$0")"
version=${1:-1.0.0}
case $version in
  [0-9]*) ;;
  *) echo "build.sh: \"$version\" is no version of a Debian package; give one such as 1.0.0" >&2 && exit 2 ;;
esac
command -v dpkg-deb > /dev/null || { echo 'build.sh: dpkg-deb is not here; on Debian and Ubuntu it is in the package dpkg' >&2 && exit 1; }

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
root=$stage/root
mkdir -p "$root/DEBIAN" "$root/usr/bin" "$root/usr/share/doc/chandler-hello"
sed "s/@VERSION@/$version/" package/control > "$root/DEBIAN/control"
sed "s/@VERSION@/$version/" package/chandler-hello > "$root/usr/bin/chandler-hello"
cp package/copyright "$root/usr/share/doc/chandler-hello/copyright"
find "$root" -type d -exec chmod 755 {} +
find "$root" -type f -exec chmod 644 {} +
chmod 755 "$root/usr/bin/chandler-hello"

# dpkg-deb uses this as the timestamp of all files.
SOURCE_DATE_EPOCH=946684800
export SOURCE_DATE_EPOCH
find "$root" -exec env TZ=UTC0 touch -t 200001010000.00 {} +
mkdir -p build
dpkg-deb --root-owner-group -Zxz --build "$root" build/chandler-hello.deb.new > /dev/null
mv build/chandler-hello.deb.new build/chandler-hello.deb
echo "build/chandler-hello.deb: chandler-hello $version, $(wc -c < build/chandler-hello.deb | tr -d ' ') bytes"
