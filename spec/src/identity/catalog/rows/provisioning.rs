//! First boot and provisioning: state that would stop it, or that tells how the golden was made.

use crate::identity::catalog::item::Item;
use crate::identity::catalog::rules::{Applies, Lines, Reading, Renewer};

pub(super) const ITEMS: &[Item] = &[
    Item::new("cloud-init-state", "cloud-init state", &[60])
        .at(&["/var/lib/cloud/**"])
        .applies(&[Applies::Package("cloud-init")])
        .breaks(1, "modules do not run again, and user-data may hold secrets")
        .by_owner("cloud-init"),
    Item::new("cloud-init-seed", "cloud-init seed", &[61])
        .at(&["/var/lib/cloud/seed/**"])
        .applies(&[Applies::Package("cloud-init")])
        .leaks(1, "user-data and meta-data of the build guest"),
    Item::new("cloud-init-pins", "cloud-init settings of an installer", &[61])
        .at(&[
            "/etc/cloud/cloud.cfg.d/90-installer-network.cfg",
            "/etc/cloud/cloud.cfg.d/99-installer.cfg",
            "/etc/cloud/cloud.cfg.d/*curtin*",
            "/etc/cloud/cloud.cfg.d/*subiquity*",
            "/etc/cloud/cloud-init.disabled.installer",
        ])
        .breaks(2, "a data source or a network of the machine that was installed"),
    Item::new("cloud-init-switch", "cloud-init switched off", &[61])
        .at(&["/etc/cloud/cloud-init.disabled"])
        .breaks(3, "no guest is configured by cloud-init, whatever its data source says")
        .reported(),
    Item::new("cloud-init-configs", "files that cloud-init wrote", &[62])
        .at(&[
            "/etc/ssh/sshd_config.d/50-cloud-init.conf",
            "/etc/netplan/50-cloud-init.yaml",
            "/etc/network/interfaces.d/50-cloud-init*",
            "/etc/NetworkManager/conf.d/*cloud-init*",
            "/etc/NetworkManager/system-connections/cloud-init-*",
            "/etc/systemd/network/10-cloud-init-*",
        ])
        .breaks(2, "the build guest's network and password settings stay although its instance is gone")
        .by_owner("cloud-init"),
    Item::new("cloud-init-logs", "cloud-init logs", &[63])
        .at(&["/var/log/cloud-init*", "/run/cloud-init/**"])
        .leaks(2, "commands and secrets of user-data")
        .by_owner("cloud-init"),
    Item::new("ignition-stamps", "Ignition and Afterburn stamps", &[64])
        .at(&["/etc/.ignition-result.json", "/boot/ignition*", "/boot/ignition.firstboot/**"])
        .applies(&[Applies::Converted])
        .breaks(3, "a machine that was configured is not configured again"),
    Item::new("vzdump-leftovers", "vzdump leftovers", &[54, 71])
        .at(&["/etc/vzdump/**"])
        .leaks(2, "the build guest's configuration and firewall inside the guest"),
    Item::new("policy-rc-d", "policy-rc.d", &[69])
        .at(&["/usr/sbin/policy-rc.d"])
        .breaks(1, "services installed later never start")
        .never(),
    Item::new("diverted-init", "programs that a build put aside", &[69])
        .at(&[
            "/usr/sbin/initctl.distrib",
            "/sbin/initctl.distrib",
            "/usr/sbin/start-stop-daemon.REAL",
            "/sbin/start-stop-daemon.REAL",
        ])
        .breaks(1, "the program in its place does nothing, so services never start")
        .forbidden()
        .never(),
    Item::new("masked-units", "masked and overridden units", &[70])
        .at(&["/etc/systemd/system/*.service", "/etc/systemd/system/*.socket", "/etc/systemd/system/*.timer"])
        .breaks(2, "a service that a first boot would flip, or that never starts")
        .reported(),
    Item::new("pve-artefacts", "what Proxmox leaves in guests", &[72])
        .at(&["/fastboot", "/etc/systemd/system-preset/00-pve.preset"])
        .bloats(4, "written by Proxmox when it makes a guest, the same in each")
        .shared(),
    Item::new("pve-snakeoil-unit", "Proxmox's snake-oil unit", &[73])
        .at(&[
            "/etc/systemd/system/proxmox-regenerate-snakeoil.service",
            "/etc/systemd/system/*.wants/proxmox-regenerate-snakeoil.service",
        ])
        .breaks(2, "it fires on a first boot, and has fired in the build guest already")
        .reported(),
    Item::new("build-mounts", "lines of fstab", &[75])
        .at(&["/etc/fstab"])
        .breaks(3, "a file system that no guest has holds up its boot")
        .read_as(Reading::Lines(Lines::Keys(&["UUID", "LABEL", "PARTUUID", "PARTLABEL", "/dev/*", "*:/*"])))
        .reported(),
    Item::new("mount-table", "a mount table that is a file", &[75])
        .at(&["/etc/mtab"])
        .breaks(3, "mounts of the build guest")
        .links_only(),
    Item::new("firstboot-record", "first-boot record", &[14])
        .at(&[
            "/var/lib/mintmark/firstboot.json",
            "/var/lib/mintmark/firstboot-status.json",
            "/var/lib/mintmark/attestation-request.json",
            "/var/lib/mintmark/attestation.json",
        ])
        .breaks(1, "a record of another guest")
        .by(Renewer::Firstboot),
    Item::new("package-leftovers", "editor and package leftovers", &[68])
        .at(&[
            "/etc/**/*.dpkg-old",
            "/etc/**/*.dpkg-dist",
            "/etc/**/*.dpkg-new",
            "/etc/**/*.dpkg-bak",
            "/etc/**/*.dpkg-tmp",
            "/etc/**/*.ucf-old",
            "/etc/**/*.ucf-new",
            "/etc/**/*.ucf-dist",
            "/etc/**/*.rpmsave",
            "/etc/**/*.rpmnew",
            "/etc/**/*.rpmorig",
            "/etc/**/*~",
            "/etc/**/.*.swp",
            "/etc/**/*.orig",
        ])
        .leaks(3, "older versions of configuration, with what was taken out of it"),
];
