//! The way of a golden to its guests: three principals with keys of their own, and what each of them does.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::done::run;
use super::open::Lab;

/// Who builds and stands to it, who looks for himself, who points channels at it; with what each may sign.
const PRINCIPALS: [(&str, &str); 3] = [
    (Lab::BUILDER, "manifest@mintmark,verdict@mintmark,evidence@mintmark,provenance@mintmark,log@mintmark"),
    (Lab::VERIFIER, "evidence@mintmark,log@mintmark"),
    (Lab::RELEASER, "channel@mintmark,log@mintmark"),
];

/// The gates that the lab's agent asks of every golden; a channel may ask for more.
const GATES: &str = "built,linted";

impl Lab {
    /// The principal that builds.
    pub const BUILDER: &str = "builder@mintmark.test";
    /// The principal that drills and verifies.
    pub const VERIFIER: &str = "ci@mintmark.test";
    /// The principal that releases.
    pub const RELEASER: &str = "release@mintmark.test";

    /// Makes the principals' keys and the file that says what each may sign.
    pub(super) fn make_principals(&self) -> Result<()> {
        if self.layout.allowed_signers().exists() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for (principal, namespaces) in PRINCIPALS {
            let key = self.layout.key(principal);
            let mut keygen = Command::new("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", principal, "-f"]).arg(&key);
            run(&mut keygen, false)?.ok()?;
            let public = fs::read_to_string(key.with_added_extension("pub")).context("reading a public key")?;
            lines.push(format!("{principal} namespaces=\"{namespaces}\" {public}"));
        }
        fs::write(self.layout.allowed_signers(), lines.concat()).context("writing the allowed signers")
    }

    /// The agent's `[trust]`.
    pub(super) fn trust(&self) -> String {
        format!(
            "[trust]\nallowed_signers = \"{}\"\nchannels = \"{}\"\nbuilders = [\"{}\"]\nverifiers = [\"{}\"]\n\
             releasers = [\"{}\"]\ngates = [{}]\n",
            self.layout.allowed_signers().display(),
            self.layout.channels().display(),
            Self::BUILDER,
            Self::VERIFIER,
            Self::RELEASER,
            GATES.split(',').map(|gate| format!("\"{gate}\"")).collect::<Vec<_>>().join(", "),
        )
    }

    /// `image-builder ARGUMENTS --key … --signers …`, as that principal.
    pub fn builder_as(&self, principal: &str, arguments: &[&str]) -> Result<super::Done> {
        let key = self.layout.key(principal).display().to_string();
        let signers = self.layout.allowed_signers().display().to_string();
        self.builder(&[arguments, &["--key", &key, "--signers", &signers]].concat())
    }

    /// The whole way to `stable`: the builder signs, the verifier drills, the releaser promotes. The drill's report.
    pub fn release(&self, reference: &str) -> Result<Value> {
        self.builder_as(Self::BUILDER, &["sign", reference])?.ok()?;
        let drilled = self.drill(reference)?;
        self.builder_as(Self::RELEASER, &["promote", reference])?.ok()?;
        Ok(drilled)
    }

    /// The way of a golden whose guests are looked at by other means than a drill.
    pub fn release_undrilled(&self, reference: &str) -> Result<()> {
        self.builder_as(Self::BUILDER, &["sign", reference])?.ok()?;
        self.builder_as(Self::RELEASER, &["promote", reference, "--gates", GATES])?.ok().map(drop)
    }

    /// The verifier drills a release on the bridge that leads nowhere, in a clean room, and records it.
    pub fn drill(&self, reference: &str) -> Result<Value> {
        let bridge = self.isolated_bridge().context("the lab has no bridge that leads nowhere")?;
        let known_hosts = self.layout.known_hosts().display().to_string();
        let words = ["drill", reference, "--bridge", bridge, "--clean-room", "--known-hosts", &known_hosts, "--json"];
        self.builder_as(Self::VERIFIER, &words)?.ok()?.json()
    }
}
