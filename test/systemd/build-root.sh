#!/bin/sh
# build-root.sh ARCHIVE: packs what makes this machine a root for containers with systemd, rpm and dnf: the folder `upper`,
# a layer over `/`. It installs the packages with apt in an overlay; the machine itself does not change. An existing archive
# is kept. Needs root.
set -eu

if [ "${2:-}" != inside ]; then
  exec 9>"$(dirname "$1")/lock"
  flock 9
  [ ! -e "$1" ] || exit 0
  exec unshare --mount --propagation private sh "$0" "$1" inside
fi

place=$(mktemp -d)
trap 'umount --recursive --lazy "$place"; rmdir "$place"' EXIT
mount -t tmpfs tmpfs "$place"
mkdir "$place/upper" "$place/work" "$place/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" "$place/root"
for folder in proc sys dev; do mount --rbind "/$folder" "$place/root/$folder"; done

# Without the services, the identity and the terminals of this machine: a container shares its network.
chroot "$place/root" sh -eu >&2 <<'END'
export DEBIAN_FRONTEND=noninteractive
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
apt-get -qq update
apt-get -qq -y --no-install-recommends install systemd systemd-sysv systemd-container dbus curl rpm dnf
apt-get clean
rm -rf /usr/sbin/policy-rc.d /var/lib/apt/lists/* /etc/systemd/system/*.wants /etc/machine-id
for unit in console-getty.service getty.target systemd-timesyncd.service; do
  ln -sf /dev/null "/etc/systemd/system/$unit"
done
ln -sf /lib/systemd/system/multi-user.target /etc/systemd/system/default.target
mkdir -p /var/log/journal /etc/rpm /etc/yum.repos.d /etc/dnf
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros
printf '[main]\nplugins=0\n' >/etc/dnf/dnf.conf
rpm --initdb
touch /etc/.updated /var/.updated
END

umount --recursive --lazy "$place/root"
tar --xattrs --xattrs-include='*' -C "$place" -cf "$1.draft" upper
mv "$1.draft" "$1"
