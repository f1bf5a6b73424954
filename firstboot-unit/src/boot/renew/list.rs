//! What is made anew, and how. A new line is one entry here and a row of the catalog.

use super::content::Content;

/// How one identity is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// The empty files at the item's places are filled; each keeps owner and mode.
    Fill(Content),
    /// A program of the guest makes it, where the program is installed and the first of these files is missing.
    Run {
        /// The files, each made by one run; the program's last argument where `named` says so.
        files: &'static [&'static str],
        /// The program.
        program: &'static str,
        /// Its arguments; `{}` stands for the file.
        arguments: &'static [&'static str],
    },
    /// The PostgreSQL clusters at the item's places are woken.
    WakeClusters,
}

/// An identity that is made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Renewal {
    /// The catalog item.
    pub(super) item: &'static str,
    /// How it is made.
    pub(super) how: How,
}

const fn fill(item: &'static str, content: Content) -> Renewal {
    Renewal { item, how: How::Fill(content) }
}

const fn run(
    item: &'static str,
    files: &'static [&'static str],
    program: &'static str,
    arguments: &'static [&'static str],
) -> Renewal {
    Renewal { item, how: How::Run { files, program, arguments } }
}

/// All of them, in the order in which they are made.
pub(super) const RENEWALS: &[Renewal] = &[
    fill("mail-name", Content::Hostname),
    fill("iscsi-initiator-name", Content::IscsiName),
    fill("nvme-host-id", Content::HostId),
    fill("nvme-host-nqn", Content::HostNqn),
    fill("munge-key", Content::Bytes(128)),
    fill("erlang-cookie", Content::Base64(42)),
    fill("name-server-control-key", Content::RndcKey),
    fill("popularity-contest-id", Content::PopularityContest),
    fill("popularity-contest-time", Content::PopularityContestTime),
    run("nsd-control-keys", &["/etc/nsd/nsd_server.key"], "/usr/sbin/nsd-control-setup", &["-d", "/etc/nsd"]),
    run("cfengine-key", &["/var/lib/cfengine3/ppkeys/localhost.priv"], "/usr/bin/cf-key", &[]),
    run(
        "dropbear-host-keys",
        &["/etc/dropbear/dropbear_rsa_host_key"],
        "/usr/bin/dropbearkey",
        &["-t", "rsa", "-f", "{}"],
    ),
    run(
        "dropbear-host-keys",
        &["/etc/dropbear/dropbear_ecdsa_host_key"],
        "/usr/bin/dropbearkey",
        &["-t", "ecdsa", "-f", "{}"],
    ),
    run(
        "dropbear-host-keys",
        &["/etc/dropbear/dropbear_ed25519_host_key"],
        "/usr/bin/dropbearkey",
        &["-t", "ed25519", "-f", "{}"],
    ),
    Renewal { item: "postgresql-cluster", how: How::WakeClusters },
];
