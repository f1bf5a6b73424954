//! Where cargo put the binaries.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// The programs of the workspace, found beside the running one.
#[derive(Debug, Clone)]
pub struct Programs {
    /// `pve-node`: the embedded node.
    pub node: PathBuf,
    /// `mintmark-helper`: the root-side helper on a node.
    pub helper: PathBuf,
    /// `image-builder`.
    pub builder: PathBuf,
    /// `reset-agent`.
    pub agent: PathBuf,
    /// The static `firstboot`.
    pub firstboot: PathBuf,
    /// The Python environment of other people's clients; only the stories about them need it.
    pub clients: PathBuf,
}

impl Programs {
    /// Finds them in cargo's target directory, or says how to build what is missing.
    pub fn find() -> Result<Self> {
        let own = env::current_exe().context("finding the running program")?;
        // target/debug/mintmark-demo, or target/debug/deps/stories-…
        let debug = own
            .ancestors()
            .find(|folder| folder.file_name().is_some_and(|name| name == "debug"))
            .with_context(|| format!("{} is not in a target directory", own.display()))?;
        let target = debug.parent().context("the target directory")?;
        let programs = Self {
            node: debug.join("pve-node"),
            helper: debug.join("mintmark-helper"),
            builder: debug.join("image-builder"),
            agent: debug.join("reset-agent"),
            firstboot: target.join("x86_64-unknown-linux-musl/firstboot/firstboot"),
            clients: target.join("clients"),
        };
        for path in [&programs.node, &programs.helper, &programs.builder, &programs.agent, &programs.firstboot] {
            ensure_built(path)?;
        }
        Ok(programs)
    }
}

fn ensure_built(path: &Path) -> Result<()> {
    ensure!(path.exists(), "{} is not built: run `make build`", path.display());
    Ok(())
}
