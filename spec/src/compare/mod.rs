//! What two goldens differ in, by what a person must know before guests are made of the newer one.
//!
//! | module | what it is |
//! |---|---|
//! | `facts` | what is compared, one table an aspect |
//! | `capability` | what an executable may do, out of its attribute |
//! | `listening` | what a running guest listened on |
//! | `difference` | two tables held against each other |
//! | `notes` | the difference as release notes |

mod capability;
mod difference;
mod facts;
mod listening;
mod notes;

pub use capability::capabilities;
pub use difference::{Changes, Difference, Weight};
pub use facts::{Aspect, Facts};
pub use listening::listening;
pub use notes::notes;
