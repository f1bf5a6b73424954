//! What a request meets on its way in, and its answer on its way out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

use super::answers::{self, Whole};
use super::board::{Board, LOOK, PATIENCE};
use super::fault::{Do, Fault, RequestFault, When};
use super::{lost, route};
use crate::api::REFUSAL_DELAY;
use crate::error::{Die, chain};
use crate::state::Node;

/// What the faults of requests need.
pub(super) struct Stage {
    pub(super) node: Arc<Node>,
    /// Answers that are given again, by fault and request.
    frozen: Mutex<HashMap<(u64, Asked), Whole>>,
    /// How many requests each fault holds, or held and which are not carried out yet.
    held: Mutex<HashMap<u64, usize>>,
}

/// A request as faults see it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Asked {
    verb: String,
    path: String,
    query: String,
    /// The token's name, without its secret.
    token: String,
}

/// The node's API with its faults, and the place where they are set.
pub fn around(api: Router, node: Arc<Node>) -> Router {
    let stage = Arc::new(Stage { node, frozen: Mutex::default(), held: Mutex::default() });
    api.layer(from_fn_with_state(Arc::clone(&stage), meet)).merge(route::control(stage))
}

async fn meet(State(stage): State<Arc<Stage>>, request: Request, next: Next) -> Response {
    match met(&stage, request, next).await {
        Ok(response) => response,
        Err(error) => answers::refusal(500, &format!("test faults: {}", chain(&error))),
    }
}

async fn met(stage: &Arc<Stage>, request: Request, next: Next) -> Result<Response, Die> {
    let asked = Asked::of(&request);
    let gone = stage.node.faults.lost()?;
    if lost::node_of(&asked.path).is_some_and(|node| gone.iter().any(|name| name == node)) {
        let (status, text) = lost::UNREACHABLE;
        return Ok(answers::refusal(status, text));
    }
    let struck = strike(stage, &asked).await?;
    let Some((id, fault)) = struck else {
        let response = next.run(request).await;
        return Ok(if gone.is_empty() || !lost::is_list(&asked.path) { response } else { dark(response, &gone).await });
    };
    tracing::debug!(verb = asked.verb, path = asked.path, ?fault, "a test's fault strikes");
    if fault.act == Do::Hold {
        return held(stage, id, fault.when, asked, request, next).await;
    }
    if fault.when == When::Before {
        pause(stage, id, &fault.act, &asked).await;
        if let Some(response) = instead(&fault.act).await {
            return Ok(response);
        }
    }
    if let Some(response) = stage.remembered(id, &asked) {
        return Ok(response);
    }
    let response = Whole::of(next.run(request).await).await;
    if fault.when == When::After {
        pause(stage, id, &fault.act, &asked).await;
        if let Some(response) = instead(&fault.act).await {
            return Ok(response);
        }
    }
    Ok(match fault.act {
        Do::Cut => response.cut(),
        Do::Freeze => stage.remember(id, asked, response),
        _ => response.response(),
    })
}

/// A request that is held. The node has it: whether the asker still waits for the answer is no matter to it, as it is none
/// to Proxmox's daemon behind its proxy.
async fn held(
    stage: &Arc<Stage>,
    id: u64,
    when: When,
    asked: Asked,
    request: Request,
    next: Next,
) -> Result<Response, Die> {
    let stage = Arc::clone(stage);
    stage.count(id, |held| held + 1);
    let carried_out = tokio::spawn(async move {
        if when == When::Before {
            pause(&stage, id, &Do::Hold, &asked).await;
        }
        let response = Whole::of(next.run(request).await).await;
        if when == When::After {
            pause(&stage, id, &Do::Hold, &asked).await;
        }
        stage.count(id, |held| held.saturating_sub(1));
        response.response()
    });
    carried_out.await.map_err(|error| Die::text(error.to_string()))
}

async fn strike(stage: &Arc<Stage>, asked: &Asked) -> Result<Option<(u64, RequestFault)>, Die> {
    let (node, asked) = (Arc::clone(&stage.node), asked.clone());
    let look = move || {
        node.faults.strike(&asked.shown(), |fault| match fault {
            Fault::Request(fault) if asked.is_meant(fault) => Some(fault.clone()),
            _ => None,
        })
    };
    tokio::task::spawn_blocking(look).await.map_err(|error| Die::text(error.to_string()))?
}

/// The time that a fault costs.
async fn pause(stage: &Stage, id: u64, act: &Do, asked: &Asked) {
    match act {
        Do::Delay(millis) => tokio::time::sleep(Duration::from_millis(*millis)).await,
        Do::Hold => {
            let _waiting = Waiting { board: &stage.node.faults, id, who: asked.shown() };
            let deadline = Instant::now() + PATIENCE;
            while stage.node.faults.stands(id) && Instant::now() < deadline {
                tokio::time::sleep(LOOK).await;
            }
        }
        _ => (),
    }
}

/// Somebody who waits, until they go on.
struct Waiting<'a> {
    board: &'a Board,
    id: u64,
    who: String,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.board.let_go(self.id, &self.who) {
            tracing::warn!(error = chain(&error), "the board of faults cannot be written");
        }
    }
}

/// The answer that a fault gives in place of the node's.
async fn instead(act: &Do) -> Option<Response> {
    match act {
        Do::Drop => Some(answers::none()),
        Do::Garbage => Some(answers::garbage()),
        Do::Answer { status, text } => Some(answers::refusal(*status, text)),
        Do::Expire => {
            tokio::time::sleep(REFUSAL_DELAY).await;
            Some(answers::refusal(401, "Authentication failed!"))
        }
        Do::Delay(_) | Do::Hold | Do::Cut | Do::Freeze => None,
    }
}

async fn dark(response: Response, gone: &[String]) -> Response {
    let whole = Whole::of(response).await;
    match lost::darkened(whole.body(), gone) {
        Some(body) => whole.with_body(body).response(),
        None => whole.response(),
    }
}

impl Stage {
    fn count(&self, id: u64, change: impl FnOnce(usize) -> usize) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(id).or_default();
        *count = change(*count);
    }

    /// Waits until everything that a lifted fault held is carried out.
    pub(super) async fn gone_on(&self, id: u64) {
        let deadline = Instant::now() + PATIENCE;
        let going = || self.held.lock().unwrap_or_else(PoisonError::into_inner).get(&id).is_some_and(|held| *held > 0);
        while going() && Instant::now() < deadline {
            tokio::time::sleep(LOOK).await;
        }
    }

    fn remembered(&self, id: u64, asked: &Asked) -> Option<Response> {
        let frozen = self.frozen.lock().unwrap_or_else(PoisonError::into_inner);
        frozen.get(&(id, asked.clone())).cloned().map(Whole::response)
    }

    fn remember(&self, id: u64, asked: Asked, response: Whole) -> Response {
        let mut frozen = self.frozen.lock().unwrap_or_else(PoisonError::into_inner);
        frozen.entry((id, asked)).or_insert(response).clone().response()
    }
}

impl Asked {
    fn of(request: &Request) -> Self {
        let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|text| text.strip_prefix("PVEAPIToken=")?.split_once('=')).map(|(name, _)| name);
        Self {
            verb: request.method().to_string(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            token: token.unwrap_or_default().to_owned(),
        }
    }

    fn is_meant(&self, fault: &RequestFault) -> bool {
        fault.to.fits(&self.verb, &self.path) && fault.token.as_ref().is_none_or(|token| *token == self.token)
    }

    fn shown(&self) -> String {
        format!("{} {}", self.verb, self.path.strip_prefix("/api2/json").unwrap_or(&self.path))
    }
}
