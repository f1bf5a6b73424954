//! Storage clients, file servers, clusters.

use super::super::app::App;

pub(super) const APPS: &[App] = &[
    App::new(
        "openssh-server",
        &[21, 22, 23, 24],
        &["openssh-server"],
        "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | cut -d' ' -f2",
        "systemctl is-active ssh.service && sshd -t",
    ),
    App::new(
        "open-iscsi",
        &[124],
        &["open-iscsi"],
        "sed -n 's/^InitiatorName=//p' /etc/iscsi/initiatorname.iscsi",
        // iscsid itself is skipped where users are private; this is what it runs before it starts.
        "/usr/lib/open-iscsi/startup-checks.sh",
    ),
    App::new(
        "nvme-cli",
        &[125],
        &["nvme-cli"],
        "cat /etc/nvme/hostnqn /etc/nvme/hostid",
        "test \"$(nvme show-hostnqn)\" = \"$(cat /etc/nvme/hostnqn)\"",
    )
    // There is no fabric to connect to in a container, and a failed unit would count against the guest.
    .prepared("systemctl disable --now nvmf-autoconnect.service nvmefc-boot-connections.service"),
    App::new(
        "samba",
        &[119],
        &["samba", "samba-common-bin"],
        "net getlocalsid | sed 's/.*: //'",
        "smbcontrol smbd ping",
    ),
    App::new("munge", &[196], &["munge"], "sha256sum </etc/munge/munge.key", "munge -n | unmunge"),
    App::new(
        "glusterfs-server",
        &[196],
        &["glusterfs-server"],
        "gluster system:: uuid get | sed 's/^UUID: //'",
        "gluster pool list",
    )
    .prepared("systemctl enable --now glusterd.service"),
    App::new(
        "cfengine3",
        &[169],
        &["cfengine3"],
        "sha256sum </var/lib/cfengine3/ppkeys/localhost.pub",
        "systemctl is-active cfengine3.service",
    ),
    App::new("chrony", &[111], &["chrony"], "grep -v '^[#%!;]' /etc/chrony/chrony.keys", "chronyc -n tracking")
        .never_works("an unprivileged container may not set the clock (ConditionCapability=CAP_SYS_TIME)"),
];
