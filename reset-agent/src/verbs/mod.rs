//! What commands and service both do, apart from arguments and printing.
//!
//! | module | job |
//! |---|---|
//! | [`find`] | which guest a customer's id or a VMID means |
//! | [`provision`](mod@provision) | one guest per customer, however often it is asked for |
//! | [`recover`](mod@recover) | a customer's own backup brought back |
//! | [`destroy`](mod@destroy) | the guest gone, and proven to be; however often it is asked for |
//! | [`backups`] | which backups there are of a guest |
//! | [`rehearse`] | what provision, recover and destroy would do, call by call |
//! | [`orphans`] | guests that runs made after they were given up |
//! | [`abort`](mod@abort) | what a run made, destroyed, and nothing else |
//! | [`pool`] | guests provisioned ahead; handed over one by one |
//! | [`batch`](mod@batch) | many customers from one list: a plan, then the work |
//! | [`customers`] | registrations: made, told, taken away |
//! | [`ledger`] | the ledger held against the cluster |
//! | [`ssh`] | host certificates that must not be believed any more |
//! | [`settled`](mod@settled) | a run that another process works on, waited for |

pub mod abort;
pub mod backups;
pub mod batch;
pub mod customers;
pub mod destroy;
pub mod find;
pub mod ledger;
pub mod orphans;
pub mod pool;
pub mod provision;
pub mod recover;
pub mod rehearse;
pub mod settled;
pub mod ssh;

pub use abort::abort;
pub use destroy::destroy;
pub use pool::claim;
pub use provision::provision;
pub use recover::recover;
pub use settled::settled;
