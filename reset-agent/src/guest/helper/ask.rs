//! One line asks, one line answers.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use spec::ids::Vmid;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use zeroize::Zeroizing;

use super::delivery::{Delivered, Place, PlacedFile};
use super::error::{HelperError, RefusalKind};
use super::gate::Gate;
use super::tree::GuestTree;

/// A mount of a large image, an observation and the unmount take seconds; more than this is a fault.
pub(super) const DEADLINE: Duration = Duration::from_mins(1);
const ANSWER_CAP: u64 = 8 << 20;

/// The helper's socket.
#[derive(Debug, Clone)]
pub struct Helper {
    socket: PathBuf,
    gate: Option<Gate>,
}

#[derive(Serialize)]
#[serde(tag = "verb", rename_all = "kebab-case")]
enum Request<'a> {
    Observe { vmid: Vmid },
    Deliver { vmid: Vmid, place: Place, files: Vec<File<'a>> },
}

#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    #[serde(serialize_with = "as_text")]
    content: Zeroizing<String>,
}

fn as_text<S: Serializer>(content: &Zeroizing<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(content)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer<T> {
    Refused { error: Refusal },
    Done(T),
}

#[derive(Deserialize)]
struct Refusal {
    kind: RefusalKind,
    message: String,
}

impl Helper {
    /// The helper behind a socket. Nothing is sent yet.
    pub fn at(socket: PathBuf) -> Self {
        Self { socket, gate: None }
    }

    /// The same helper, asked to change something only while the gate lets it through.
    #[must_use]
    pub fn behind(self, gate: Gate) -> Self {
        Self { gate: Some(gate), ..self }
    }

    /// Reads a guest's tree: through its init process while it runs, mounted while it is stopped.
    ///
    /// # Errors
    /// [`HelperError`].
    pub async fn observe(&self, vmid: Vmid) -> Result<GuestTree, HelperError> {
        self.ask(vmid, "observe", &Request::Observe { vmid }).await
    }

    /// Puts files into a place of a guest, running or stopped. The place then holds these of its names and no others;
    /// the same delivery twice is one.
    ///
    /// # Errors
    /// [`HelperError`]; with [`RefusalKind::Escape`] and [`HelperError::Withheld`] nothing was written.
    pub async fn deliver(&self, vmid: Vmid, place: Place, files: &[PlacedFile<'_>]) -> Result<Delivered, HelperError> {
        self.may_change(vmid).await?;
        let encoded = |file: &PlacedFile<'_>| Zeroizing::new(STANDARD.encode(file.content));
        let files = files.iter().map(|file| (file.name, encoded(file)));
        let files = files.map(|(name, content)| File { name, content }).collect();
        self.ask(vmid, "deliver into", &Request::Deliver { vmid, place, files }).await
    }

    /// Takes away what was delivered to a place; nothing where nothing was.
    ///
    /// # Errors
    /// [`HelperError`].
    pub async fn withdraw(&self, vmid: Vmid, place: Place) -> Result<Delivered, HelperError> {
        self.deliver(vmid, place, &[]).await
    }

    async fn may_change(&self, vmid: Vmid) -> Result<(), HelperError> {
        match &self.gate {
            Some(gate) => gate.ask().await.map_err(|why| HelperError::Withheld { vmid, why }),
            None => Ok(()),
        }
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        vmid: Vmid,
        verb: &'static str,
        request: &Request<'_>,
    ) -> Result<T, HelperError> {
        let began = Instant::now();
        let line = tokio::time::timeout(DEADLINE, self.exchange(request)).await;
        let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(%vmid, verb, ms = took, "asked the helper");
        let line = line.map_err(|_| HelperError::Silent { socket: self.socket.clone() })?;
        let line = line.map_err(|source| HelperError::Unreachable { socket: self.socket.clone(), source })?;
        read_answer(vmid, verb, &line)
    }

    async fn exchange(&self, request: &Request<'_>) -> io::Result<String> {
        let mut stream = UnixStream::connect(&self.socket).await?;
        let line = line_of(request)?;
        stream.write_all(&line).await?;
        let mut answer = String::new();
        BufReader::new(stream.take(ANSWER_CAP)).read_line(&mut answer).await?;
        Ok(answer)
    }
}

/// The request as one line, in memory that is wiped. It is written to a buffer that is large enough from the start: a
/// growing one leaves copies behind.
fn line_of(request: &Request<'_>) -> io::Result<Zeroizing<Vec<u8>>> {
    const AROUND: usize = 4096;
    let contents = match request {
        Request::Deliver { files, .. } => files.iter().map(|file| file.name.len() + file.content.len()).sum(),
        Request::Observe { .. } => 0,
    };
    let mut line = Zeroizing::new(Vec::with_capacity(contents + AROUND));
    serde_json::to_writer(&mut *line, request)?;
    line.push(b'\n');
    Ok(line)
}

fn read_answer<T: DeserializeOwned>(vmid: Vmid, verb: &'static str, line: &str) -> Result<T, HelperError> {
    match serde_json::from_str(line).map_err(|source| HelperError::Unreadable { vmid, source })? {
        Answer::Done(done) => Ok(done),
        Answer::Refused { error } => Err(HelperError::Refused { verb, vmid, kind: error.kind, why: error.message }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::Firstboot;
    use super::*;

    #[test]
    fn answers_and_refusals_are_told_apart() {
        let vmid: Vmid = "101".parse().unwrap();
        let line = r#"{"vmid":101,"observations":[],"source":"running","firstboot":{"state":"never"},"later":1}"#;
        assert_eq!(read_answer::<GuestTree>(vmid, "observe", line).unwrap().firstboot, Firstboot::Never);
        let refused = r#"{"error":{"kind":"escape","message":"a link"}}"#;
        let refused = read_answer::<Delivered>(vmid, "deliver into", refused).unwrap_err();
        assert!(matches!(&refused, HelperError::Refused { kind: RefusalKind::Escape, .. }), "{refused}");
        assert_eq!(refused.to_string(), "the helper cannot deliver into guest 101: a link");
        let later = r#"{"error":{"kind":"of-tomorrow","message":"x"}}"#;
        let later = read_answer::<Delivered>(vmid, "deliver into", later).unwrap_err();
        assert!(matches!(later, HelperError::Refused { kind: RefusalKind::Unknown, .. }));
        assert!(matches!(read_answer::<GuestTree>(vmid, "observe", ""), Err(HelperError::Unreadable { .. })));
    }

    #[test]
    fn requests_are_what_the_helper_reads() {
        let vmid: Vmid = "101".parse().unwrap();
        let text = |request: &Request<'_>| String::from_utf8(line_of(request).unwrap().to_vec()).unwrap();
        assert_eq!(text(&Request::Observe { vmid }), "{\"verb\":\"observe\",\"vmid\":101}\n");
        let files = vec![File { name: "secrets.env", content: Zeroizing::new("QT0xCg==".into()) }];
        assert_eq!(
            text(&Request::Deliver { vmid, place: Place::Secrets, files }).trim_end(),
            r#"{"verb":"deliver","vmid":101,"place":"secrets","files":[{"name":"secrets.env","content":"QT0xCg=="}]}"#
        );
    }
}
