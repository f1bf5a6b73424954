//! The whole ledger as one document: out of one database, into another, and compared on the way.
//!
//! JSON lines: a header with the format's version and the mark of the fleet key; a line for each row, table by table, in
//! the order of their keys; an end line with the number of rows, the audit log's head and the SHA-256 of all lines
//! before it. Equal ledgers give equal bytes, on either database. The digest shows damage, not forgery: who can write
//! the file can write its end.
//!
//! It carries no secret: machine-ids and API tokens stand in it as the ledger keeps them, by digests. The fleet key, by
//! which the former are made, goes separately.
//!
//! | module | job |
//! |---|---|
//! | `tables` | which tables and columns a document carries; which are left out, and why |
//! | `row` | one row, out of the database and into it |
//! | `text` | the document as a value and as a text |
//! | `export` | the ledger's rows as of one instant |
//! | `import` | all of a document's rows, or none |
//! | `compare` | what of a document is new, the same, or in the way |

mod compare;
mod export;
mod import;
mod row;
mod tables;
mod text;

pub use compare::Difference;
pub use import::{ImportError, Imported};
pub use tables::{exported_tables, left_out_tables};
pub use text::{Document, DocumentError};
