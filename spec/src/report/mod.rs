//! The audit report as data; tables, pages and other tools' formats are made from it elsewhere.
//!
//! | module | what |
//! |---|---|
//! | `class` | classes of findings, worst first |
//! | `guest` | a guest as a finding names it |
//! | `finding` | one finding: who shares what, from where, how far it reaches, what follows |
//! | `schema` | the form for others |
//! | `whole` | the report, its first line and its exit code |

mod class;
mod finding;
mod guest;
mod schema;
mod whole;

pub use class::Class;
pub use finding::{Acceptance, AuditFinding, Dependant, Derivation, Descent, Origin, Reach, Together};
pub use guest::GuestRef;
pub use schema::SCHEMA;
pub use whole::{AuditReport, Coverage, VERSION};
