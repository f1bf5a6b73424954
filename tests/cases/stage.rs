//! What every story stands on: one lab, one golden, and the verbs that stories are told with.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use e2e::lab::{Lab, Settings, run};
use serde_json::Value;
use spec::release::Manifest;

use crate::small_recipe::{SHORT, small_recipe};

/// The lab with its golden.
pub(crate) struct Stage {
    pub(crate) lab: Lab,
    /// The golden's manifest, and where it lies.
    pub(crate) golden: Manifest,
    pub(crate) manifest: PathBuf,
    /// What its drill told, on its way to the channel that all guests come from.
    pub(crate) drilled: Value,
    /// Debian with an SSH server and nothing else, once a story asked for it.
    small: OnceLock<Manifest>,
}

/// Why there is no stage.
pub(crate) enum NoStage {
    NotRoot,
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for NoStage {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

/// The stage's own place and network, apart from the demo's.
pub(crate) fn settings() -> Settings {
    Settings {
        root: "/var/tmp/mintmark-stories".into(),
        bridge: "vmbr66".into(),
        subnet: "10.66.66.1/24".into(),
        isolated: Some(("vmbr65".into(), "10.66.65.1/24".into())),
        listen: "127.0.0.1:18006".into(),
        faults: true,
    }
}

impl Stage {
    /// Opens a fresh lab and builds the golden of `examples/`.
    pub(crate) fn set() -> Result<Self, NoStage> {
        if !is_root().map_err(NoStage::Failed)? {
            return Err(NoStage::NotRoot);
        }
        // What a killed run left behind must not be taken for this run's.
        Lab::at(settings(), false)?.close().context("clearing an earlier stage")?;
        let lab = Lab::open(settings(), false)?;
        match released(&lab, &example("debian13-docker/golden.toml")) {
            Ok((golden, manifest, drilled)) => Ok(Self { lab, golden, manifest, drilled, small: OnceLock::new() }),
            Err(error) => {
                lab.close()?;
                Err(error.into())
            }
        }
    }

    /// Closes the lab and looks for anything left of it. After a failure the folder's logs are kept.
    pub(crate) fn strike(self, green: bool) -> Result<()> {
        if !green {
            self.keep_logs()?;
        }
        self.lab.close()?;
        traces(&settings())
    }

    fn keep_logs(&self) -> Result<()> {
        let kept = std::env::temp_dir().join("mintmark-stories-logs");
        fs::create_dir_all(&kept)?;
        for entry in fs::read_dir(self.lab.layout.root())? {
            let path = entry?.path();
            if let Some(name) = path.file_name().filter(|_| path.extension().is_some_and(|end| end == "log")) {
                fs::copy(&path, kept.join(name)).context("keeping a log")?;
            }
        }
        eprintln!("     logs are kept in {}", kept.display());
        Ok(())
    }

    /// `reset-agent provision` of this stage's golden; its JSON.
    pub(crate) fn provision(&self, customer: &str) -> Result<Value> {
        self.lab.agent(&self.provision_arguments(customer))?.ok()?.json()
    }

    /// The arguments of `provision`: what the golden's channel `stable` points at.
    pub(crate) fn provision_arguments<'a>(&'a self, customer: &'a str) -> Vec<&'a str> {
        vec!["provision", "--customer", customer, "--golden", self.golden.golden.as_str(), "--json"]
    }

    /// `reset-agent destroy`.
    pub(crate) fn destroy(&self, customer: &str) -> Result<()> {
        self.lab.agent(&["destroy", customer])?.ok().map(drop)
    }

    /// The small golden that stories share which need a guest and nothing in it, in channel `stable`.
    pub(crate) fn small(&self) -> Result<&Manifest> {
        if let Some(golden) = self.small.get() {
            return Ok(golden);
        }
        let recipe = self.lab.layout.root().join("small.toml");
        fs::write(&recipe, small_recipe("small", SHORT)).context("writing the small golden's recipe")?;
        let (golden, manifest) = build(&self.lab, &recipe.to_string_lossy())?;
        self.lab.release_undrilled(&manifest.to_string_lossy())?;
        Ok(self.small.get_or_init(|| golden))
    }

    /// VMIDs on the node, as `pct list` has them.
    pub(crate) fn vmids(&self) -> Result<Vec<u32>> {
        let listing = self.lab.pct(&["list"])?.ok()?.stdout;
        Ok(listing.lines().skip(1).filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect())
    }
}

/// A golden, and its whole way to channel `stable`.
fn released(lab: &Lab, recipe: &str) -> Result<(Manifest, PathBuf, Value)> {
    let (golden, manifest) = build_measured(lab, recipe)?;
    let drilled = lab.release(&manifest.to_string_lossy())?;
    Ok((golden, manifest, drilled))
}

/// `image-builder build RECIPE` with the lab's SSH CA and on its bridge.
pub(crate) fn build(lab: &Lab, recipe: &str) -> Result<(Manifest, PathBuf)> {
    built(lab, &build_arguments(lab, recipe))
}

/// The same, and the guest is also packed before anything is taken out of it.
fn build_measured(lab: &Lab, recipe: &str) -> Result<(Manifest, PathBuf)> {
    let mut arguments = build_arguments(lab, recipe);
    arguments.push("--measure-unminimized".to_owned());
    built(lab, &arguments)
}

fn built(lab: &Lab, arguments: &[String]) -> Result<(Manifest, PathBuf)> {
    let built: Value = lab.builder(arguments)?.ok()?.json()?;
    let path = PathBuf::from(built["manifest"].as_str().context("the build's JSON names no manifest")?);
    let manifest = serde_json::from_slice(&fs::read(&path).context("reading the manifest")?)?;
    Ok((manifest, path))
}

/// The arguments of such a build.
pub(crate) fn build_arguments(lab: &Lab, recipe: &str) -> Vec<String> {
    let user_ca = format!("access.user_ca={}.pub", lab.layout.user_ca().display());
    let bridge = format!("container.net0.bridge={}", settings().bridge);
    ["build", recipe, "--set", &user_ca, "--set", &bridge, "--json"].map(str::to_owned).into()
}

/// A recipe of `examples/`.
pub(crate) fn example(path: &str) -> String {
    format!("{}/../examples/{path}", env!("CARGO_MANIFEST_DIR"))
}

fn is_root() -> Result<bool> {
    Ok(run(Command::new("id").arg("-u"), false)?.ok()?.stdout.trim() == "0")
}

/// Fails when a bridge, a loop device, a mount, a rule or a process of the lab is left.
fn traces(settings: &Settings) -> Result<()> {
    let root = settings.root.to_string_lossy();
    let looks: [(&str, &str, &[&str]); 5] = [
        ("a network device", "ip", &["-br", "link"]),
        ("a loop device", "losetup", &["-a"]),
        ("a firewall rule", "iptables-save", &[]),
        ("a mount", "cat", &["/proc/self/mountinfo"]),
        ("a process", "ps", &["-eo", "args"]),
    ];
    for (what, program, arguments) in looks {
        let seen = run(Command::new(program).args(arguments), false)?.ok()?.stdout;
        let isolated = settings.isolated.as_ref().map_or(settings.bridge.as_str(), |(bridge, _)| bridge);
        let ours = |line: &&str| [&settings.bridge, isolated, &root].iter().any(|mark| line.contains(*mark));
        let left = seen.lines().find(ours);
        ensure!(left.is_none(), "{what} is left: {}", left.unwrap_or_default());
    }
    ensure!(!settings.root.exists(), "{root} is left");
    Ok(())
}
