//! A node in trouble: what it still does with a call, and what it says.

use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::Method;
use axum::response::Response;
use hyper::body::Frame;
use serde_json::Value;

use crate::node::{refusal, told};
use crate::world::{Token, World};

/// What may come of a call that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 500, the guest's lock file is busy.
    Lock,
    /// 596, and the node never did it.
    ProxyBefore,
    /// 596, and the node did it.
    ProxyAfter,
    /// The token is refused, from now on.
    Unauthorized,
    /// This call is refused for want of a privilege, every time.
    Forbidden,
    /// The connection breaks, and the node never did it.
    ResetBefore,
    /// The connection breaks, and the node did it.
    ResetAfter,
    /// The node did it and says nothing.
    Hang,
    /// The node did it; the answer is somebody else's web page.
    Garbage,
    /// The call is accepted and its task fails.
    TaskError,
    /// The task ends with a warning.
    TaskWarnings,
    /// The node did it, and forgot the task.
    TaskVanished,
}

/// Trouble at one call: `METHOD /path/end`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trouble {
    pub(crate) at: &'static str,
    pub(crate) kind: Kind,
    pub(crate) struck: bool,
}

impl Trouble {
    /// The trouble that this call meets. All but missing privileges are met once.
    pub(crate) fn strike(&mut self, meets: impl Fn(&str) -> bool) -> Option<Kind> {
        let meant = meets(self.at) && (!self.struck || self.kind == Kind::Forbidden);
        self.struck |= meant;
        meant.then_some(self.kind)
    }
}

impl Kind {
    pub(crate) const ALL: [Self; 12] = [
        Self::Lock,
        Self::ProxyBefore,
        Self::ProxyAfter,
        Self::Unauthorized,
        Self::Forbidden,
        Self::ResetBefore,
        Self::ResetAfter,
        Self::Hang,
        Self::Garbage,
        Self::TaskError,
        Self::TaskWarnings,
        Self::TaskVanished,
    ];

    fn takes_effect(self) -> bool {
        use Kind::{Garbage, Hang, ProxyAfter, ResetAfter, TaskVanished, TaskWarnings};
        matches!(self, ProxyAfter | ResetAfter | Hang | Garbage | TaskWarnings | TaskVanished)
    }

    /// Does what the node still does, and answers; `None`: it never does.
    pub(crate) fn answer(
        self,
        world: &mut World,
        (method, path): (&Method, &str),
        params: &BTreeMap<String, String>,
    ) -> Option<Response> {
        let done = if self.takes_effect() { world.call(method, path, params) } else { Ok(Value::Null) };
        let vmid = params.get("vmid").map_or("200", String::as_str);
        Some(match self {
            Self::Lock => {
                refusal(500, &format!("can't lock file '/run/lock/lxc/pve-config-{vmid}.lock' - got timeout"))
            }
            Self::ProxyBefore | Self::ProxyAfter => refusal(596, "Connection timed out"),
            Self::Unauthorized => {
                world.token = Token::Revoked;
                refusal(401, "no such token")
            }
            Self::Forbidden => refusal(403, &format!("Permission check failed (/vms/{vmid}, VM.Allocate)")),
            Self::ResetBefore | Self::ResetAfter => broken_off(),
            Self::Hang => return None,
            Self::Garbage => Response::new(Body::from("<html><body>It works!</body></html>")),
            Self::TaskError => {
                told(Ok(world.task(task_type(method, path), vmid, "command 'lxc-something' failed: exit code 1")))
            }
            Self::TaskWarnings => {
                if let Some((_, _, end)) = world.tasks.last_mut() {
                    "WARNINGS: 1".clone_into(end);
                }
                told(done)
            }
            Self::TaskVanished => {
                world.tasks.pop();
                told(done)
            }
        })
    }
}

fn task_type(method: &Method, path: &str) -> &'static str {
    match (method.as_str(), path.rsplit('/').next()) {
        ("DELETE", _) => "vzdestroy",
        (_, Some("start")) => "vzstart",
        (_, Some("stop")) => "vzstop",
        (_, Some("resize")) => "resize",
        _ => "vzrestore",
    }
}

/// The connection ends where the body should begin.
fn broken_off() -> Response {
    let mut response = Response::new(Body::new(Broken));
    response.headers_mut().insert("content-length", 1.into());
    response
}

struct Broken;

impl HttpBody for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::ConnectionAborted))))
    }
}

impl World {
    /// `PUT …/resize` of a guest whose disk came out smaller than was asked for.
    pub(crate) fn resize(&mut self, vmid: &str, params: &BTreeMap<String, String>) -> Result<Value, String> {
        let size = &params["size"];
        let rootfs = self.guests.get_mut(vmid).and_then(|guest| guest.config.get_mut("rootfs"));
        let rootfs = rootfs.ok_or("no such guest")?;
        let volume = rootfs.split_once(",size=").map_or(rootfs.as_str(), |(volume, _)| volume).to_owned();
        if *rootfs == format!("{volume},size={size}") {
            return Err(format!("disk 'rootfs' is already at specified size {size}"));
        }
        *rootfs = format!("{volume},size={size}");
        Ok(self.task("resize", vmid, "OK"))
    }
}

/// As a page of the documentation names it.
impl Kind {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Lock => "500, lock file busy",
            Self::ProxyBefore => "596, not done",
            Self::ProxyAfter => "596, done",
            Self::Unauthorized => "401",
            Self::Forbidden => "403",
            Self::ResetBefore => "reset before send",
            Self::ResetAfter => "reset after accept",
            Self::Hang => "no answer",
            Self::Garbage => "garbage body",
            Self::TaskError => "task error",
            Self::TaskWarnings => "task WARNINGS",
            Self::TaskVanished => "task vanished",
        }
    }
}
