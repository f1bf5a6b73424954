#!/bin/sh
# Stands in for a node's programs: pve-node --state DIR pct|vzdump|pvesm ARGUMENTS.
#
# A guest is a file with its configuration; its tree is DIR/tree for all. Each call is a line in DIR/calls.
# DIR/volumes holds the disks as `pvesm list` prints them.
# DIR/fail-VERB makes a verb fail, DIR/hold-VERB makes it wait until that file is gone,
# DIR/hold-archive makes vzdump wait after it has named its archive.
# DIR/storages has a line for each storage: name, KiB available, content types.
# DIR/create-VMID is a lock, DIR/backup-VMID one that is seen once and gone then.
set -eu

state=$2
shift 2
program=$1
verb=${2:-}
printf '%s\n' "$*" >>"$state/calls"
mkdir -p "$state/guests"

key="$program-$verb"
[ "$program" = vzdump ] && key=vzdump
while [ -e "$state/hold-$key" ]; do sleep 0.05; done
if [ -e "$state/fail-$key" ]; then
    echo "$key: refused by the test" >&2
    exit 255
fi

vmid=${3:-0}
conf="$state/guests/$vmid"

status() { if [ -e "$state/running-$1" ]; then echo running; else echo stopped; fi; }

create() {
    : >"$conf"
    shift 4
    while [ $# -gt 1 ]; do
        value=$(printf '%s' "$2" | sed ':a;N;$!ba;s/\n/%0A/g')
        case $1 in
        --net*) value="$value,hwaddr=BC:24:11:00:00:01" ;;
        --rootfs) value="${value%%:*}:$vmid/vm-$vmid-disk-0.raw,size=${value##*:}G" ;;
        esac
        printf '%s: %s\n' "${1#--}" "$value" >>"$conf"
        shift 2
    done
}

execute() {
    case "$*" in
    *is-system-running*) echo running ;;
    *"route show default"*) echo "default via 10.0.0.1 dev eth0" ;;
    *dpkg-query*) cat "$state/dpkg" 2>/dev/null || true ;;
    *indextargets*) printf 'http://deb.debian.org/debian/\ttrixie\tmain\t\n' ;;
    *apt-cache*) cat "$state/apt-cache" 2>/dev/null || true ;;
    *"check-that-fails"*) echo "the check says no" >&2 && exit 3 ;;
    *) echo "done" ;;
    esac
}

pct() {
    [ "$verb" = list ] || [ "$verb" = create ] || [ "$verb" = restore ] || [ -e "$conf" ] || { echo "Configuration file for $vmid does not exist" >&2 && exit 2; }
    case $verb in
    list)
        [ -n "$(ls "$state/guests")" ] || return 0
        printf '%-10s %-10s %-12s %-20s\n' VMID Status Lock Name
        for guest in $(ls "$state/guests"); do
            lock=
            [ -e "$state/mounted-$guest" ] && lock=mounted
            [ -e "$state/create-$guest" ] && lock=create
            [ -e "$state/backup-$guest" ] && lock=backup && rm "$state/backup-$guest"
            printf '%-10s %-10s %-12s %-20s\n' "$guest" "$(status "$guest")" "$lock" build
        done
        ;;
    create | restore) create "$@" ;;
    start) : >"$state/running-$vmid" ;;
    stop | shutdown) rm -f "$state/running-$vmid" ;;
    status) echo "status: $(status "$vmid")" ;;
    config) cat "$conf" ;;
    exec) execute "$@" ;;
    mount) : >"$state/mounted-$vmid" && echo "mounted CT $vmid in '$state/tree'" ;;
    unmount) rm "$state/mounted-$vmid" ;;
    unlock) echo "no lock found trying to remove any lock" >&2 && exit 255 ;;
    destroy)
        [ ! -e "$state/running-$vmid" ] && [ ! -e "$state/mounted-$vmid" ] || { echo "CT $vmid is in use" >&2 && exit 255; }
        rm "$conf"
        ;;
    *) echo "no such verb: $verb" >&2 && exit 255 ;;
    esac
}

vzdump() {
    vmid=$verb
    # DIR/clock is another time than ever; with DIR/names every archive has a time of its own.
    clock=$(cat "$state/clock" 2>/dev/null || echo 2026_11_20-13_45_00)
    [ ! -e "$state/names" ] || clock=2026_11_20-13_45_$(printf '%02d' "$(ls "$state/dump" 2>/dev/null | wc -l)")
    archive="$state/dump/vzdump-lxc-$vmid-$clock.tar.zst"
    mkdir -p "$state/dump" "$state/conf/etc/vzdump"
    grep -v '^description: ' "$state/guests/$vmid" >"$state/conf/etc/vzdump/pct.conf"
    : >"$state/conf/etc/vzdump/pct.fw"
    echo "INFO: creating vzdump archive '$archive'"
    while [ -e "$state/hold-archive" ]; do sleep 0.05; done
    tar --create --format=pax --numeric-owner --owner=0 --group=0 --directory="$state/conf" \
        ./etc/vzdump/pct.conf ./etc/vzdump/pct.fw --directory="$state/tree" ./ | zstd --quiet --force -o "$archive"
    : >"$archive.notes"
    : >"${archive%.tar.zst}.log"
}

pvesm() {
    case $verb in
    path)
        case $3 in
        *:backup/*) echo "$state/dump/${3#*:backup/}" ;;
        *) echo "$state/${3#*:vztmpl/}" ;;
        esac
        ;;
    status)
        echo "Name  Type  Status  Total (KiB)  Used (KiB)  Available (KiB)  %"
        content=
        [ "${3:-}" = --content ] && content=$4
        while read -r name available contents; do
            case ",$contents," in
            *,"$content",* | *"${content:-,}"*) echo "$name dir active 99999999 1 $available 0.10%" ;;
            esac
        done <"$state/storages"
        ;;
    list)
        echo "Volid Format Type Size VMID"
        if [ "$5" = rootdir ]; then
            cat "$state/volumes" 2>/dev/null || true
            return 0
        fi
        for archive in "$state"/dump/*.tar.zst; do
            [ ! -e "$archive" ] || echo "local:backup/${archive##*/} tar.zst backup 1000 9000"
        done
        ;;
    *) echo "no such verb: $verb" >&2 && exit 255 ;;
    esac
}

case $program in
pct) pct "$@" ;;
vzdump) vzdump ;;
pvesm) pvesm "$@" ;;
*) echo "no such program: $program" >&2 && exit 255 ;;
esac
