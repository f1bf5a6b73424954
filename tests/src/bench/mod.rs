//! Times of the embedded node on a golden as large as the one that Proxmox was timed with.
//!
//! | beside what | why |
//! |---|---|
//! | Proxmox's recorded time | its own code restored, started, cloned and destroyed a guest of a 288 MB archive on such a machine |
//! | the same work by hand, in the same run | `mkfs.ext4` and `zstd -dc \| tar -x`, `tar \| zstd`: what a person would run instead; of an inspection the least part of it, `zstd -dc` |
//!
//! Beside them: whole provisions, warm ones beside those out of an archive, and the agent's own share of each.

mod by_hand;
mod golden;
mod inspect;
mod measure;
mod provision;
mod table;
mod waited;
mod warm;

use anyhow::Result;

use crate::lab::{Lab, Settings};

fn settings() -> Settings {
    Settings {
        root: "/var/tmp/mintmark-bench".into(),
        bridge: "vmbr67".into(),
        subnet: "10.66.67.1/24".into(),
        isolated: None,
        listen: "127.0.0.1:18067".into(),
        faults: false,
    }
}

/// Measures and prints; what was made for it is removed, after a failure too.
pub fn run() -> Result<()> {
    Lab::at(settings(), false)?.close()?;
    let lab = Lab::open(settings(), false)?;
    let measured = golden::make(&lab, &settings().bridge).and_then(|golden| measure::all(&lab, &golden));
    lab.close()?;
    println!("{}", table::of(&measured?));
    Ok(())
}
