//! How the demo speaks: a heading for each scene, with the time it took.

use std::time::Instant;

use anyhow::Result;

/// Tells one scene: its heading, what happens, and how long it took.
pub(super) fn scene<T>(heading: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("\n── {heading}");
    let begun = Instant::now();
    let value = act()?;
    println!("   {:.1} s", begun.elapsed().as_secs_f64());
    Ok(value)
}

/// Shows a command as a user would type it.
pub(super) fn typed(command: &str) {
    println!("   $ {command}");
}

/// A program's output, set apart from what the demo says.
pub(super) fn quoted(text: &str) {
    for line in text.trim_end().lines() {
        println!("   {line}");
    }
}
