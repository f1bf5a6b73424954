//! Files as sops writes them, opened with age: dotenv, JSON and YAML.
//!
//! A document's values are encrypted one by one under a data key; the data key is encrypted for each recipient; a MAC
//! over all values, in their order, tells whether one was changed, moved to another key, or taken away. Described by
//! sops itself (README, "Encryption protocol"); the tests open a file that sops 3.7.1 wrote.
//!
//! | module | job |
//! |---|---|
//! | `document` | text → values in their order, and what sops says of them |
//! | `metadata` | recipients, MAC, and which values are encrypted at all |
//! | `cipher` | one value: `ENC[AES256_GCM,…]` |
//! | `open` | the data key, every value, the MAC; then secrets |

mod cipher;
mod document;
mod metadata;
mod open;

pub use document::Format;
pub use open::{SopsError, open};
