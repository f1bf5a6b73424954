//! What is true of recipes, images, guests and requests: pure values without files, network or clock.
//!
//! The data's path, and the module that gives each stop its form:
//!
//! | stop | module |
//! |---|---|
//! | identity: the catalog and the judge | [`identity`] |
//! | what a guest signs of its identity | [`attestation`] |
//! | how cloud-init ended in a guest | [`cloud_init`] |
//! | a golden's recipe | [`recipe`] |
//! | what an image can do without | [`minimize`] |
//! | a guest's configuration (`pct.conf`) | [`pct`] |
//! | a release: manifest, and what is said of it later | [`release`] |
//! | what two goldens differ in | [`compare`] |
//! | what is installed in an image | [`software`] |
//! | the same in the forms that others read | [`sbom`] |
//! | a fleet: who shares what, and where it came from | `audit` |
//! | the audit report | `report` |
//!
//! [`ids`] holds the identifiers, [`exit`] the exit codes that every program shares, [`wildcard`] what `*` and `?` mean in
//! names.

pub mod attestation;
#[cfg(feature = "audit")]
pub mod audit;
pub mod cloud_init;
pub mod compare;
pub mod exit;
pub mod identity;
pub mod ids;
pub mod minimize;
pub mod pct;
pub mod recipe;
#[cfg(feature = "release")]
pub mod release;
#[cfg(feature = "audit")]
pub mod report;
pub mod sbom;
pub mod software;
pub mod wildcard;
