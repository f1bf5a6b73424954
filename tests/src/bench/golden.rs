//! An archive of the size that Proxmox was timed with: our own golden, with files of both kinds added.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use spec::release::Manifest;

use crate::lab::Lab;
use crate::small_recipe;

/// The guest that the archive is made from.
const VMID: &str = "190";
/// Bytes that do not compress, and bytes that do: together with our golden about 288 MB packed, 700 MB unpacked.
const NOISE: usize = 149 << 20;
const TEXT: usize = 170 << 20;
/// The size of one added file.
const FILE: usize = 96 << 10;

/// What makes the small golden's boot short, and its archive.
const SHORT: &str = r#"[[step]]
run = "systemctl mask --now systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service"
[minimize]
profile = "small"
"#;

/// The archive that is measured with.
pub(super) struct Golden {
    /// Its volume id.
    pub(super) volid: String,
    /// Its file.
    pub(super) path: PathBuf,
    /// Its size, bytes.
    pub(super) packed: u64,
    /// Our own golden, that it was made from.
    pub(super) own: PathBuf,
    /// Names of goldens in channel `stable`: a small one, and our own.
    pub(super) released: [String; 2],
}

/// Builds our golden, fills a guest of it up, and dumps that.
pub(super) fn make(lab: &Lab, bridge: &str) -> Result<Golden> {
    eprintln!("building two goldens, and filling one of them up");
    let small = lab.layout.root().join("small.toml");
    let user_ca = format!("{}.pub", lab.layout.user_ca().display());
    fs::write(&small, small_recipe("small", bridge, &user_ca, SHORT)).context("writing the small golden's recipe")?;
    let small = built(lab, &small, bridge)?;
    let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/debian13-docker/golden.toml");
    let manifest = built(lab, &recipe.canonicalize().context("finding the example's recipe")?, bridge)?;
    let restore = ["restore", VMID, &manifest.archive.volid, "--rootfs", "local:4", "--unprivileged", "1"];
    lab.pct(&restore)?.ok()?;
    let mounted = lab.pct(&["mount", VMID])?.ok()?.stdout;
    let root = mounted.split('\'').nth(1).context("the mount's path")?;
    let filled = fill(&Path::new(root).join("opt/filling"));
    lab.pct(&["unmount", VMID])?.ok()?;
    filled?;
    lab.node(&["vzdump", VMID, "--mode", "stop", "--compress", "zstd", "--storage", "local"])?.ok()?;
    lab.pct(&["destroy", VMID])?.ok()?;
    let released = [small, manifest.clone()].map(|manifest| manifest.golden.to_string());
    found(lab, lab.layout.dump().join(&manifest.archive.file), released)
}

/// A golden, built and released.
fn built(lab: &Lab, recipe: &Path, bridge: &str) -> Result<Manifest> {
    let user_ca = format!("access.user_ca={}.pub", lab.layout.user_ca().display());
    let bridge = format!("container.net0.bridge={bridge}");
    let arguments = ["build", &recipe.to_string_lossy(), "--set", &user_ca, "--set", &bridge, "--json"];
    let built: Value = lab.builder(&arguments)?.ok()?.json()?;
    let manifest = built["manifest"].as_str().context("the build names no manifest")?;
    lab.release_undrilled(manifest)?;
    serde_json::from_slice(&fs::read(manifest)?).context("the manifest")
}

fn fill(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut noise = || {
        // xorshift64: the same bytes each time, and none that zstd could shorten.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    for number in 0..NOISE / FILE {
        let bytes: Vec<u8> = (0..FILE / 8).flat_map(|_| noise()).collect();
        File::create(folder.join(format!("noise-{number}")))?.write_all(&bytes)?;
    }
    let line = b"the quick brown fox jumps over the lazy dog and lands in a text that is easily packed\n";
    let text: Vec<u8> = line.iter().copied().cycle().take(FILE).collect();
    for number in 0..TEXT / FILE {
        File::create(folder.join(format!("text-{number}")))?.write_all(&text)?;
    }
    Ok(())
}

fn found(lab: &Lab, own: PathBuf, released: [String; 2]) -> Result<Golden> {
    let prefix = format!("vzdump-lxc-{VMID}-");
    let mut names = fs::read_dir(lab.layout.dump())?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(&prefix) && name.ends_with(".tar.zst"));
    let name = names.next().context("vzdump left no archive")?;
    let path = lab.layout.dump().join(&name);
    let packed = fs::metadata(&path)?.len();
    ensure!((260_000_000..320_000_000).contains(&packed), "the archive has {packed} bytes: mend NOISE");
    Ok(Golden { volid: format!("local:backup/{name}"), path, packed, own, released })
}
