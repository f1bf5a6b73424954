//! The agent's systemd unit: how much of the machine it leaves to a service that was broken into.

use std::process::Command;

/// Of systemd's 0.0 (nothing) to 10.0 (all); what stays is the network, which is its job.
const MOST_EXPOSED: &str = "15";

#[test]
fn the_unit_leaves_little_to_an_intruder() {
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/systemd/reset-agent.service");
    let asked = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager", "--threshold", MOST_EXPOSED, unit])
        .output()
        .unwrap_or_else(|error| panic!("systemd-analyze ({error}): install Debian's systemd"));
    let told = String::from_utf8_lossy(&asked.stdout);
    let score = told.lines().last().unwrap_or_default();
    println!("{score}");
    assert!(asked.status.success(), "{told}{}", String::from_utf8_lossy(&asked.stderr));
    assert!(score.contains("Overall exposure level"), "{told}");
}
