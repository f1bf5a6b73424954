//! Stories on real containers, in one binary: `cargo test -p e2e --test stories [-- NAME…]`.
//!
//! One lab and one golden serve all of them, so they run one after the other; each cleans up its own guests. The
//! harness is ours because the lab must be closed at the end, which libtest gives no place for. Its lines are
//! libtest's.

mod small_recipe;
mod stage;
mod stories;

use std::process::ExitCode;

use stage::Stage;

/// A story: its name and what happens.
type Story = (&'static str, fn(&Stage) -> anyhow::Result<()>);

/// Why a story cannot be played on this machine: it counts as skipped.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct LeftOut(String);

fn main() -> ExitCode {
    let filters: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |name: &str| filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()));
    let stories: Vec<Story> = stories::all().into_iter().filter(|(name, _)| wanted(name)).collect();
    println!("\nrunning {} stories", stories.len());
    match Stage::set() {
        Ok(stage) => tell(&stories, stage),
        Err(stage::NoStage::NotRoot) => {
            for (name, _) in &stories {
                println!("test {name} ... ignored, needs root: containers are started");
            }
            println!("\ntest result: ok. 0 passed; 0 failed; {} ignored; 0 measured; 0 filtered out", stories.len());
            ExitCode::SUCCESS
        }
        Err(stage::NoStage::Failed(error)) => {
            println!("test the_stage_is_set ... FAILED\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn tell(stories: &[Story], stage: Stage) -> ExitCode {
    let (mut failed, mut left_out) = (0, 0);
    for (name, story) in stories {
        let begun = std::time::Instant::now();
        match story(&stage) {
            Ok(()) => println!("test {name} ... ok"),
            Err(error) if error.is::<LeftOut>() => {
                left_out += 1;
                println!("test {name} ... ignored, {error}");
            }
            Err(error) => {
                failed += 1;
                println!("test {name} ... FAILED\n{error:#}\n");
            }
        }
        eprintln!("     ({name}: {:.1} s)", begun.elapsed().as_secs_f64());
    }
    let left = stage.strike(failed == 0);
    match &left {
        Ok(()) => println!("test the_stage_is_struck_without_a_trace ... ok"),
        Err(error) => {
            failed += 1;
            println!("test the_stage_is_struck_without_a_trace ... FAILED\n{error:#}");
        }
    }
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {verdict}. {} passed; {failed} failed; {left_out} ignored; 0 measured; 0 filtered out",
        stories.len() + 1 - failed - left_out
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
