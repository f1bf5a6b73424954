//! SSH to a new guest: host keys known before the first packet, a key of this run's own, and nothing else.
//!
//! | module | job |
//! |---|---|
//! | [`host_key`] | which keys the guest's sshd may show |
//! | [`known_hosts`] | the file that remembers them, for people and other programs |
//! | [`sshfp`] | the same for a name server |
//! | [`published`] | how such files are changed: line by line, under a lock |
//! | [`credential`] | a key pair that lives as long as the run, certified by the operator's CA |
//! | [`authority`] | the private half of a CA |
//! | [`host_ca`] | certificates of guests' host keys |
//! | [`certified`] | whether a guest shows its certificate |
//! | [`agent_key`] | a key that an ssh-agent holds, instead |
//! | [`session`] | connect, prove the host, log in |
//! | [`command`] | one command in a session |

pub mod agent_key;
pub mod authority;
pub mod certified;
pub mod command;
pub mod credential;
pub mod host_ca;
pub mod host_key;
pub mod known_hosts;
pub mod published;
pub mod session;
pub mod sshfp;
