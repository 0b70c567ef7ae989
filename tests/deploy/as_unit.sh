#!/bin/sh
# Runs a command as a service manager would, in a mount namespace that this script has been given: the project lies
# read-only at /opt/ninepatch, the home at /var/lib/ninepatch, settings below /etc, and nothing else can be written.
# With the user root it is a command that an administrator gives.
#   as_unit.sh PROJECT ETC HOME PYTHON-PREFIX USER UMASK DIRECTORY [NAME=value …] COMMAND …
set -eu
project=$1 etc=$2 home=$3 prefix=$4 user=$5 umask=$6 directory=$7
shift 7
mount --make-rprivate /
mount -t tmpfs -o mode=0755 none /mnt
mkdir /mnt/python
mount --bind "$prefix" /mnt/python
mount -t tmpfs -o mode=0755 none /opt
mkdir /opt/ninepatch
for part in .streamlit .venv deploy app.py cli.py pages services terminal; do # one by one: the folder itself may be root's alone
    if [ -d "$project/$part" ]; then mkdir "/opt/ninepatch/$part"; else : >"/opt/ninepatch/$part"; fi
    mount --bind "$project/$part" "/opt/ninepatch/$part"
    mount -o remount,bind,ro "/opt/ninepatch/$part"
done
mount -t tmpfs -o mode=0755 none /var/lib
mkdir /var/lib/ninepatch
mount --bind "$home" /var/lib/ninepatch
mount --bind "$etc" /etc
mount -t tmpfs -o mode=0755 none /root # ProtectHome; a Python that lies there is needed all the same
mkdir -p "$prefix"
mount --bind /mnt/python "$prefix"
mount -t tmpfs -o mode=1777 none /tmp # PrivateTmp
for place in / /opt /var/lib /etc /root "$prefix"; do mount -o remount,bind,ro "$place"; done # ProtectSystem
cd "$directory"
umask "$umask"
if [ "$user" = root ]; then exec env -i "$@"; fi # an administrator at the terminal
exec setpriv --reuid="$user" --regid="$user" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
    env -i "$@"
