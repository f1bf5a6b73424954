//! A storage with linked clones, in a file.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::done::run;
use super::open::Lab;

/// The btrfs storage `bt`, where the lab's agent may make guests and clone them; gone when this is dropped.
#[derive(Debug)]
pub struct Btrfs<'a> {
    lab: &'a Lab,
    mount: PathBuf,
}

impl Lab {
    /// Makes it.
    pub fn btrfs(&self) -> Result<Btrfs<'_>> {
        let root = self.layout.root();
        let (image, mount) = (root.join("bt.img"), root.join("bt"));
        let script = r#"truncate -s 20G "$1" && mkfs.btrfs -q "$1" && mkdir -p "$2" && mount -o loop "$1" "$2""#;
        run(Command::new("sh").args(["-ec", script, "btrfs"]).args([&image, &mount]), false)?.ok()?;
        let made = Btrfs { lab: self, mount };
        let file = self.layout.node().join("storage.cfg");
        let before = fs::read_to_string(&file).unwrap_or_default();
        let storage = format!("btrfs: bt\n\tpath {}\n\tcontent rootdir,images\n", made.mount.display());
        fs::write(&file, before + &storage).context("writing the storage's configuration")?;
        let pveum = |words: &[&str]| self.node(&[&["pveum"], words].concat())?.ok().map(drop);
        pveum(&["role", "add", "Warm", "--privs", "VM.Clone"])?;
        pveum(&["role", "add", "Disks", "--privs", "Datastore.AllocateSpace Datastore.Audit"])?;
        pveum(&["acl", "modify", "/vms", "--users", "agent@pve", "--roles", "Warm"])?;
        pveum(&["acl", "modify", "/storage/bt", "--users", "agent@pve", "--roles", "Disks"])?;
        Ok(made)
    }
}

impl Btrfs<'_> {
    /// The lab's agent with its guests here.
    pub fn agent_config(&self) -> Result<String> {
        let written =
            fs::read_to_string(self.lab.layout.agent_config()).context("reading the agent's configuration")?;
        Ok(written.replace("storage = \"local\"", "storage = \"bt\"\nrootfs = \"4G\""))
    }
}

impl Drop for Btrfs<'_> {
    fn drop(&mut self) {
        let file = self.lab.layout.node().join("storage.cfg");
        if let Ok(text) = fs::read_to_string(&file) {
            let _ = fs::write(&file, text.split("btrfs: bt\n").next().unwrap_or_default());
        }
        // The lab is removed whatever comes of this, and says what is in its way.
        let _ =
            run(Command::new("sh").args(["-c", r#"umount "$1" && rm -f "$1.img""#, "btrfs"]).arg(&self.mount), false);
    }
}
