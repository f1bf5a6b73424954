//! Identities that nobody makes again by themselves once they are gone: they are made here, once, for a new guest or a
//! clone and never for a guest that is known.
//!
//! ```text
//!   list (what, pure) ──► sleeping (where it sleeps in this guest) ──► act
//!        └─ content (bytes, pure)                                      ├─ a file is filled
//!                                                                      ├─ a program of the guest is run
//!                                                                      └─ a PostgreSQL cluster is woken
//! ```
//!
//! What fails does not keep the rest from being made: it is named in the completion record, and in the marker, so that
//! the next boot tries again.

mod act;
mod content;
mod list;
mod postgres;
mod sleeping;

pub(super) use act::renew;
