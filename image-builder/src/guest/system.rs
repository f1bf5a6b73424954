//! How far the system inside a guest has come.

use pve_host::process::CommandError;

use super::inside::Inside;

/// What systemd says of itself.
pub(crate) enum SystemState {
    /// It is up.
    Up {
        /// Some unit failed.
        degraded: bool,
    },
    /// It comes up; this was seen.
    Coming(String),
    /// It stopped on its way, or is going down; systemd's word.
    Broken(String),
}

/// systemd's state. While the guest comes up nothing can be run in it, which is no error either.
pub(crate) fn system_state(inside: &Inside<'_>) -> Result<SystemState, CommandError> {
    let asked = inside.ask(&["systemctl", "is-system-running"])?;
    let state = asked.stdout.trim();
    Ok(match state {
        "running" | "degraded" => SystemState::Up { degraded: state == "degraded" },
        "maintenance" | "stopping" => SystemState::Broken(state.to_owned()),
        "" => SystemState::Coming(asked.tail()),
        _ => SystemState::Coming(format!("system {state}")),
    })
}

/// The units that failed.
pub(crate) fn failed_units(inside: &Inside<'_>) -> Result<Vec<String>, CommandError> {
    let listed = inside.ask(&["systemctl", "list-units", "--failed", "--plain", "--no-legend"])?.ok()?;
    Ok(listed.stdout.lines().filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect())
}
