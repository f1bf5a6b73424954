//! One HTTP exchange with the node: connections, deadlines, what is read of an answer, and the trace of it.

mod answer;
mod exchange;
mod pools;
mod trace;

pub(crate) use answer::Page;
pub(crate) use exchange::Transport;
pub(crate) use pools::SetupError;
