//! `reset-agent serve`: the same work as the commands', for callers who come over HTTP.
//!
//! ```text
//! listen ─► router ─► caller ─► routes ─► ledger (accepted, durable) ─► runs ─► Agent
//!  unix      caps,     token,     │                                      ▲
//!  TLS       counters  scopes,    └─► wire: what callers see             └─ taken up at start, and every 30 s
//!                      tenant
//! ```
//!
//! A request for a guest is written down before it is answered, and its run is carried out whatever happens to the
//! caller, the connection or the process. One key means one run, for ever and for all agents of a ledger: a unique key
//! in the ledger says so.
//!
//! | module | job |
//! |---|---|
//! | [`service`](mod@service) | the service's life, from its doors to its last run |
//! | `listen`, `notify` | unix socket, TLS, loopback; telling systemd |
//! | [`router`](mod@router) | routes with caps, counters and log lines |
//! | `routes`, `wire` | one file per thing that the API is about; what crosses it |
//! | `caller`, [`token`], `scope`, `tenant` | who calls, and what of the fleet is theirs |
//! | `idempotency`, `rate`, `problem` | keys, limits, errors |
//! | `page` | the page for people |
//! | [`runs`] | the runs under way |
//! | `metrics` | OpenMetrics |

pub mod api;
mod caller;
mod idempotency;
mod listen;
mod metrics;
mod notify;
mod page;
mod problem;
mod rate;
mod router;
mod routes;
pub mod runs;
mod scope;
mod service;
mod tenant;
pub mod token;
mod wire;

pub use api::Api;
pub use listen::ListenError;
pub use router::router;
pub use routes::document;
pub use scope::Scope;
pub use service::serve;
pub use tenant::Tenant;
