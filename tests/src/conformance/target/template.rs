//! A small Debian template for the embedded node.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::lab;

/// As Proxmox's own template of that release is called.
const NAME: &str = "debian-13-standard_13.1-2_amd64.tar.zst";
/// What a container of it needs to be started, entered and configured.
const PACKAGES: &str = "systemd,systemd-sysv,dbus,ifupdown,iproute2,openssh-server,cron,isc-dhcp-client,locales";

/// Puts a template into a storage and answers its name there.
pub(super) fn put(given: Option<&Path>, storage: &Path) -> Result<String> {
    let source = match given {
        Some(file) => file.to_owned(),
        None => made()?,
    };
    let folder = storage.join("template/cache");
    fs::create_dir_all(&folder).context("making the template folder")?;
    fs::copy(&source, folder.join(NAME)).with_context(|| format!("copying {}", source.display()))?;
    Ok(NAME.to_owned())
}

/// The template beside the programs, bootstrapped when it is not there yet.
fn made() -> Result<PathBuf> {
    let folder = std::env::current_exe().context("finding the running program")?.with_file_name("conformance");
    let (file, half) = (folder.join(NAME), folder.join(format!("half-{NAME}")));
    if file.exists() {
        return Ok(file);
    }
    fs::create_dir_all(&folder).context("making the template's folder")?;
    eprintln!("making a Debian template with mmdebstrap: {}", file.display());
    let mut command = Command::new("mmdebstrap");
    command.args(["--variant=minbase", &format!("--include={PACKAGES}"), "trixie"]).arg(&half);
    lab::run(&mut command, false)?.ok()?;
    fs::rename(&half, &file).context("naming the template")?;
    Ok(file)
}
