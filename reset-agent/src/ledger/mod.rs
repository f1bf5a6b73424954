//! The ledger: who owns which identity, for ever.
//!
//! A guest's life is one word, moved by the table in [`GuestState::may_become`]; an identity's tenure is a rule of its
//! kind ([`Tenure`]). Every operation is one transaction: it holds whole or not at all, and repeating it is harmless.
//!
//! ```text
//! reserve ─► reserved ─► provisioned ─► active ─► destroyed
//!               │             │            │
//!               └─ release ◄──┴─ failed ◄──┴─ quarantined
//! ```
//!
//! | module | job |
//! |---|---|
//! | `guest` | a guest's row and the states it may pass through |
//! | `tenure` | how long a value of each kind belongs to its holder |
//! | `reserve` | customer, VMID, hostname and MACs in one transaction; and giving them back |
//! | `record` | all identities of a verified guest, with its state |
//! | `transition` | one state to the next |
//! | `forbidden` | values that belong to a golden |
//! | `seen` | what was seen of goldens' channels and logs: nothing older counts any more |
//! | `issue` | a drawn value given to a guest that is being made |
//! | `pool` | guests provisioned ahead, and who claimed them |
//! | `warm` | which goldens are turned into templates, and where |
//! | `turns` | whose turn it is to burden a node |
//! | `host_certificates` | what the host CA signed, and what of it counts no more |
//! | `fence` | in whose name it is written, and whether the run is still this process's |
//! | `customers` | whose secrets lie where, and which guest has them |
//! | `lookup` | who is there, who holds what |
//! | `api_tokens`, `api_requests`, `api_audits` | who may call the API, what it accepted, what it found |
//! | `audit_log` | who did what, chained by hashes |
//! | `document` | all of it as one text: out of one database, into another |
//! | `verify` | whether all of it is whole |
//! | `rebuild` | what the cluster shows and the ledger does not, and the other way round |
//! | `counts` | how many guests and runs there are |
//! | `error` | what may go wrong, naming the value and its holder |

mod api_audits;
mod api_requests;
mod api_tokens;
mod audit_log;
mod counts;
mod customers;
mod document;
mod error;
mod fence;
mod forbidden;
mod guest;
mod host_certificates;
mod issue;
mod lookup;
mod pool;
mod rebuild;
mod record;
mod regain;
mod reserve;
mod rows;
mod seen;
mod tenure;
mod transition;
mod turns;
mod verify;
mod warm;

pub use api_audits::AuditRow;
pub use api_requests::{Acceptance, Accepted, Asked, Recovery};
pub use api_tokens::TokenRow;
pub use audit_log::{BrokenChain, Chained, Entry, Head, Walk};
pub use counts::{ChannelSeen, GuestCount, RunCount};
pub use customers::{Binding, Customer, CustomerStatus, Delivered, Registration};
pub use document::{Difference, Document, DocumentError, ImportError, Imported, exported_tables, left_out_tables};
pub use error::{Conflict, Holder, LedgerError};
pub use guest::{Guest, GuestId, GuestState};
pub use host_certificates::HostCertificate;
pub use lookup::{Ledger, Owned, Scope};
pub use pool::{Claim, Claimed, PoolState, Pooled};
pub use rebuild::{Configured, Discrepancy, Follow, Known, Newcomer, Sighted, discrepancies, is_steady};
pub use regain::Before;
pub use reserve::{Reservation, Reserved};
pub use seen::{Seen, Witnessed};
pub use tenure::Tenure;
pub use turns::{Burden, Turn};
pub use verify::{Checked, Verification};
pub use warm::{WarmGolden, WarmState};
