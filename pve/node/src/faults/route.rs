//! `/test/faults`: where tests set faults, see what they did, and lift them.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::fault::Fault;
use super::layer::Stage;
use crate::api::{ApiError, authenticate};
use crate::error::Die;

/// What a test is told: `{"data": …}`, or a status and `{"message": …}`.
type Told = Result<Json<Value>, Refused>;
type Refused = (StatusCode, Json<Value>);

pub(super) fn control(stage: Arc<Stage>) -> Router {
    Router::new()
        .route("/test/faults", get(list).post(set).delete(clear))
        .route("/test/faults/{id}", delete(lift))
        .with_state(stage)
}

/// Proof that whoever asks may set faults: they own the node anyway, as its administrator, and ask from this machine.
struct Admitted;

impl FromRequestParts<Arc<Stage>> for Admitted {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, stage: &Arc<Stage>) -> Result<Self, Refused> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        if !peer.is_some_and(|address| address.is_loopback()) {
            return Err(refused(403, "faults are set from this machine only"));
        }
        let who =
            authenticate(&stage.node, &parts.method, parts.uri.path(), &parts.headers).map_err(|error| no(&error))?;
        who.require("/", "Sys.Modify").map_err(|error| no(&error))?;
        Ok(Self)
    }
}

async fn list(State(stage): State<Arc<Stage>>, _: Admitted) -> Told {
    told(stage.node.faults.list())
}

async fn set(State(stage): State<Arc<Stage>>, _: Admitted, body: String) -> Told {
    let fault: Fault = serde_json::from_str(&body).map_err(|error| refused(400, &error.to_string()))?;
    told(stage.node.faults.set(fault))
}

async fn clear(State(stage): State<Arc<Stage>>, _: Admitted) -> Told {
    told(stage.node.faults.clear())
}

async fn lift(State(stage): State<Arc<Stage>>, Path(id): Path<u64>, _: Admitted) -> Told {
    match stage.node.faults.lift(id) {
        Ok(false) => Err(refused(404, &format!("no fault has number {id}"))),
        lifted => {
            stage.gone_on(id).await;
            told(lifted.map(drop))
        }
    }
}

fn told(result: Result<impl serde::Serialize, Die>) -> Told {
    match result {
        Ok(data) => Ok(Json(json!({"data": data}))),
        Err(error) => Err(no(&ApiError::from(error))),
    }
}

fn no(error: &ApiError) -> Refused {
    refused(error.status, &error.text)
}

fn refused(status: u16, text: &str) -> Refused {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(json!({"data": null, "message": text})))
}
