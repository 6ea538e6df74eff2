#!/bin/sh
# build-rpm-root.sh KIND ARCHIVE: packs the files of a root whose packages are managed by rpm. An existing archive is kept.
#   layer   rpm, dnf 4 and zypper, as a layer over `/` of this machine, which does not change
#   sid     rpm 6 and dnf 5, a root of its own: Debian's development release, the only one that has them
# Needs root, and apt with a mirror of Debian.
set -eu
kind=$1 archive=$2

if [ "${3:-}" != inside ]; then
  exec 9>"$archive.lock"
  flock 9
  [ ! -e "$archive" ] || exit 0
  exec unshare --mount --propagation private sh "$0" "$kind" "$archive" inside
fi

place=$(mktemp -d)
trap 'umount --recursive --lazy "$place"; rmdir "$place"' EXIT
mount -t tmpfs -o size=3g tmpfs "$place"
mkdir "$place/upper" "$place/work" "$place/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" "$place/root"
for folder in proc sys dev; do mount --rbind "/$folder" "$place/root/$folder"; done
inside() { chroot "$place/root" env DEBIAN_FRONTEND=noninteractive "$@" >&2; }
inside apt-get -qq update

# Where Debian's rpm keeps its database, which follows HOME otherwise; no repository but those of the tests; and
# a package that represents the distribution.
settle() {
  mkdir -p "$1/etc/rpm" "$1/etc/dnf" "$1/srv/repo"
  rm -rf "$1/etc/yum.repos.d" "$1/etc/zypp/repos.d"
  mkdir -p "$1/etc/yum.repos.d" "$1/etc/zypp/repos.d"
  echo '%_dbpath /var/lib/rpm' > "$1/etc/rpm/macros"
  printf '[main]\nplugins=0\n' > "$1/etc/dnf/dnf.conf"
  chroot "$1" sh -eu >&2 <<'END'
rpm --initdb
cd /tmp
printf '%s\n' 'Name: base' 'Version: 1' 'Release: 1' 'Summary: the distribution' 'License: none' 'Provides: /bin/sh' \
  'BuildArch: noarch' '%description' 'Debian has its files in no database of rpm.' '%files' > base.spec
rpmbuild -bb --quiet --define '_topdir /tmp/base' --define '_rpmdir /tmp' --define '_build_name_fmt base.rpm' base.spec
rpm --install --nosignature base.rpm
rm -r base base.spec base.rpm
END
}

case $kind in
  layer)
    inside apt-get -qq -y --no-install-recommends install rpm dnf zypper createrepo-c gpg gpg-agent
    inside apt-get clean
    ln -sf dnf-3 "$place/root/usr/bin/yum"
    settle "$place/root"
    rm -rf "$place/root/var/lib/apt/lists"
    umount --recursive --lazy "$place/root"
    folder=upper;;
  sid)
    inside apt-get -qq -y --no-install-recommends install mmdebstrap
    mirror=$(chroot "$place/root" apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep '/debian/*$' | head -n 1)
    # The mirror may be a copy of some weeks ago.
    inside mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' \
      --include=rpm,dnf5,createrepo-c,gpg,gpg-agent,curl sid /sid "$mirror"
    mv "$place/upper/sid" "$place/sid"
    settle "$place/sid"
    folder=sid;;
esac
tar --xattrs --xattrs-include='*' -C "$place/$folder" -cf "$archive.draft" .
mv "$archive.draft" "$archive"
