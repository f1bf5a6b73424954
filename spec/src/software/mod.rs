//! What is installed in an image, from its own package database, and which file belongs to what.
//!
//! | module | what it is |
//! |---|---|
//! | `package` | an installed package, whoever manages it |
//! | `dpkg` | Debian's database: `status`, file lists, diversions |
//! | `apk` | Alpine's database, one file |
//! | `makers` | files in no package, and who is known to make them |
//! | `attribution` | bytes by package and directory, and what nobody accounts for |

mod apk;
mod attribution;
mod dpkg;
mod makers;
mod package;

pub use apk::{APK_INSTALLED, apk_owned, apk_packages};
pub use attribution::{Attribution, Owners, SizedFile, Unexplained};
pub use dpkg::{DPKG_DIVERSIONS, DPKG_INFO, DPKG_STATUS, DpkgError, dpkg_listed, dpkg_packages};
pub use makers::maker;
pub use package::{Manager, Package};
