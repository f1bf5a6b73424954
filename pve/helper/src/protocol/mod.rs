//! What crosses the socket: one line of JSON asks, one line of JSON answers.
//!
//! ```text
//! {"verb":"observe","vmid":101}
//! {"vmid":101,"source":"running","hostname":"acme","observations":[…],"host_keys":[…],"firstboot":{…}}
//! {"verb":"deliver","vmid":101,"place":"secrets","files":[{"name":"secrets.env","content":"QT0xCg=="}]}
//! {"vmid":101,"delivered":["secrets.env"],"withdrawn":[]}
//! {"verb":"renew","vmid":101,"items":["ssh-host-keys"]}
//! {"vmid":101,"source":"stopped","renewed":[{"item":"ssh-host-keys","state":"asleep"}]}
//! {"error":{"kind":"failed","message":"…"}}
//! ```

mod answer;
mod content;
mod request;

pub use answer::{Answer, Delivered, Firstboot, Observed, Refusal, RefusalKind, Renewed, Source};
pub use content::Content;
pub use request::{File, Place, REQUEST_CAP, Request, request_of};
