//! Docker by function: a flag in a configuration starts no container.

use spec::identity::Verdict;
use spec::pct::PctConf;
use spec::release::Manifest;

use super::acceptance::{looked, unverified};
use super::report::Check;
use super::twin::{Twin, TwinError};

/// Makes an image of the guest's own shell, so that no registry is asked, runs a container of it on Docker's own
/// bridge, and leaves nothing of it. Prints the storage driver.
const RUN: &str = r#"set -eu
image=mintmark/drill
trap 'docker image rm --force "$image" >/dev/null 2>&1' EXIT
libraries=$(ldd /bin/sh | grep -o '/[^ )]*' | sed 's,^/,,')
tar --create --dereference --directory=/ bin/sh $libraries | docker import - "$image" >/dev/null
docker run --rm "$image" /bin/sh -c 'echo a container ran' | grep -q 'a container ran'
docker info --format '{{.Driver}}'
"#;

/// What containers need of the guest that they run in.
const NEEDED: [&str; 2] = ["nesting", "keyctl"];

/// The flags and the function, apart; skipped where the golden has no Docker.
pub(super) fn checks(manifest: &Manifest, twin: &Twin<'_>) -> Vec<Check> {
    match twin.inside().ask(&["sh", "-c", "command -v dockerd"]) {
        Ok(found) if found.status.success() => {}
        Ok(_) => return vec![Check::new("docker-functional", Verdict::Skipped, "no dockerd in the guest")],
        Err(error) => return vec![unverified("docker-functional", &error.into())],
    }
    vec![flags(manifest), looked("docker-functional", functional(twin))]
}

fn flags(manifest: &Manifest) -> Check {
    let features = PctConf::parse(&manifest.config).features().unwrap_or_default();
    let missing: Vec<&str> = NEEDED.into_iter().filter(|flag| features.get(flag) != Some("1")).collect();
    let why =
        if missing.is_empty() { "nesting, keyctl".to_owned() } else { format!("missing: {}", missing.join(", ")) };
    Check::that("docker-flags", missing.is_empty(), why)
}

fn functional(twin: &Twin<'_>) -> Result<(bool, String), TwinError> {
    let done = twin.inside().run(&["sh", "-c", RUN])?;
    Ok(if done.status.success() {
        (true, format!("a container ran; storage driver {}", done.stdout.trim()))
    } else {
        (false, format!("no container ran: {}", done.tail()))
    })
}
