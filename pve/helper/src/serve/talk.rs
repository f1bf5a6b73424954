//! One connection: lines of questions, lines of answers.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use zeroize::Zeroizing;

use super::server::Server;
use crate::protocol::{Answer, REQUEST_CAP, RefusalKind, request_of};

/// How long a connection may be silent, or deaf.
const PATIENCE: Duration = Duration::from_secs(30);

impl Server {
    /// Answers until the other side has no more questions. A line that is no request ends the talk.
    pub(super) async fn talk(&self, stream: UnixStream) -> std::io::Result<()> {
        let uid = stream.peer_cred()?.uid();
        let (reader, mut writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        if !self.allowed().allows(uid) {
            tracing::warn!(uid, "refused a peer");
            let message = format!("user {uid} may not ask; start the helper with --allow-uid {uid}");
            return send(&mut writer, &Answer::refused(RefusalKind::Forbidden, message)).await;
        }
        loop {
            // A delivery may carry secrets: the line is wiped when it is through.
            let mut line = Zeroizing::new(Vec::new());
            let mut capped = (&mut reader).take(REQUEST_CAP + 1);
            let read = capped.read_until(b'\n', &mut line);
            let Ok(read) = tokio::time::timeout(PATIENCE, read).await else { return Ok(()) };
            if read? == 0 {
                return Ok(());
            }
            let request = match request_of(&line) {
                Ok(request) => request,
                Err(why) => return send(&mut writer, &Answer::refused(RefusalKind::BadRequest, why)).await,
            };
            send(&mut writer, &self.answer(request).await).await?;
        }
    }
}

async fn send(writer: &mut (impl AsyncWriteExt + Unpin), answer: &Answer) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    let sent = async {
        writer.write_all(&line).await?;
        writer.flush().await
    };
    tokio::time::timeout(PATIENCE, sent).await?
}
