//! Real packages of Debian's archive, from golden to guest (`make test-matrix`).
//!
//! ```text
//!   apps (data) ──► recipe ──► build ──► manifest: what the build guest had
//!                                └──► two guests ──► what each of them has, and whether it runs
//! ```
//!
//! A group of packages that live well together is installed in one build guest, its services make their identities,
//! and the golden is built as any other: [`recipe`] writes the recipe, nothing else knows that it is a test. Two guests
//! of that golden are provisioned by the agent. [`reading`] reads what the same script said in all three, [`judge`]
//! compares, [`report`] shows it.

mod app;
mod apps;
mod judge;
mod options;
mod reading;
mod recipe;
mod report;
mod run;

pub use options::Options;
pub use report::Report;
pub use run::run;
