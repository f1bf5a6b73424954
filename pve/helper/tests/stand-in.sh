#!/bin/sh
# Stands in for a node with one stopped guest, 101: pve-node --state DIR pct VERB …
# DIR/lock is the guest's lock; DIR/hold makes `pct mount` wait once it has mounted.
set -eu
state=$2
verb=$4
echo "$verb" >>"$state/calls"
case $verb in
list)
    printf '%-10s %-10s %-12s %-20s\n' VMID Status Lock Name
    printf '%-10s %-10s %-12s %-20s\n' 101 stopped "$(cat "$state/lock")" acme
    ;;
status) echo "status: stopped" ;;
mount)
    [ ! -s "$state/lock" ] || { echo "CT is locked ($(cat "$state/lock"))" >&2 && exit 255; }
    printf mounted >"$state/lock"
    while [ -e "$state/hold" ]; do sleep 0.05; done
    echo "mounted CT 101 in '$state/tree'"
    ;;
unmount) : >"$state/lock" ;;
*) exit 255 ;;
esac
