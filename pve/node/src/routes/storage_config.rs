//! Storages as they are configured.

use serde_json::{Map, Value, json};
use spec::ids::StorageId;

use super::volume_access::READ;
use crate::api::{Answer, ApiError, Call};
use crate::error::Die;
use crate::state::{FLAGS, Properties, StorageConfig, StorageKind};

fn shown(storage: &StorageConfig, digest: &str) -> Value {
    let one = |(key, value): (&String, &String)| {
        let flag = FLAGS.contains(&key.as_str());
        (key.clone(), if flag { json!(u8::from(value == "1")) } else { json!(value) })
    };
    let mut shown: Map<String, Value> = storage.properties.iter().map(one).collect();
    shown.insert("content".to_owned(), json!(storage.content().join(",")));
    shown.insert("storage".to_owned(), json!(storage.id));
    shown.insert("type".to_owned(), json!(storage.kind.word()));
    shown.insert("digest".to_owned(), json!(digest));
    Value::Object(shown)
}

pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    let (document, digest) = call.node.storages().document();
    let visible = |storage: &&StorageConfig| {
        call.who.require_any(&format!("/storage/{}", storage.id), &READ).is_ok()
            && call.params.get("type").is_none_or(|kind| storage.kind.word() == kind)
    };
    let rows: Vec<Value> = document.storages().filter(visible).map(|storage| shown(storage, &digest)).collect();
    Answer::of(&rows)
}

pub(super) fn read(call: &Call) -> Result<Answer, ApiError> {
    let storage = call.node.storages().get(call.text("storage"))?;
    Answer::of(&shown(&storage, &call.node.storages().document().1))
}

pub(super) fn create(call: &Call) -> Result<Answer, ApiError> {
    let id: StorageId = parsed(call.text("storage"))?;
    let word = call.text("type");
    let Some(kind) = StorageKind::of(word) else {
        let why = format!("storage type '{word}' is not available on this node: use dir or btrfs");
        return Err(ApiError::parameter("type", &why));
    };
    answer(&call.node.storages().create(&id, kind, properties(call))?)
}

pub(super) fn update(call: &Call) -> Result<Answer, ApiError> {
    let delete: Vec<&str> = call.text("delete").split([',', ';', ' ', '\0']).filter(|key| !key.is_empty()).collect();
    let digest = call.params.get("digest");
    answer(&call.node.storages().update(call.text("storage"), properties(call), &delete, digest)?)
}

pub(super) fn delete(call: &Call) -> Result<Answer, ApiError> {
    call.node.storages().delete(call.text("storage"))?;
    Ok(Answer::null())
}

fn parsed(text: &str) -> Result<StorageId, ApiError> {
    text.parse().map_err(|error: spec::ids::InvalidId| Die::text(error.to_string()).into())
}

fn properties(call: &Call) -> Properties {
    call.params.filtered(|key| !["storage", "type", "delete", "digest"].contains(&key))
}

fn answer(storage: &StorageConfig) -> Result<Answer, ApiError> {
    Answer::of(&json!({"storage": storage.id, "type": storage.kind.word()}))
}
