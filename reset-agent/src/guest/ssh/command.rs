//! One command in a session.

use std::time::Duration;

use russh::ChannelMsg;

use super::session::{Session, SshError};

/// No check that is run here prints more.
const OUTPUT_CAP: usize = 64 << 10;

/// What a command left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its exit status; `None` when it was killed by a signal or the channel closed early.
    pub status: Option<u32>,
    /// What it printed, at most 64 KiB.
    pub stdout: String,
    /// What it complained about, at most 64 KiB.
    pub stderr: String,
}

impl Output {
    /// Whether it ended with status 0.
    pub fn success(&self) -> bool {
        self.status == Some(0)
    }

    /// Status and complaint in one line.
    pub fn in_words(&self) -> String {
        let status = self.status.map_or_else(|| "no exit status".to_owned(), |status| format!("exit status {status}"));
        let said = [self.stderr.trim(), self.stdout.trim()].into_iter().find(|text| !text.is_empty());
        said.map_or(status.clone(), |said| format!("{status}: {}", said.lines().next_back().unwrap_or_default()))
    }
}

/// Words as one shell command: every word that a shell could read as more than itself is quoted.
pub fn quote(words: &[&str]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

impl Session {
    /// Runs a command (a shell's text: see [`quote`]) and reads all it prints.
    ///
    /// # Errors
    /// The session broke, or the command did not end within `deadline`.
    pub async fn run(&mut self, command: &str, deadline: Duration) -> Result<Output, SshError> {
        self.feed(command, &[], deadline).await
    }

    /// The same with something on its stdin: what must not be an argument, since every user of a machine can read
    /// those.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub async fn feed(&mut self, command: &str, input: &[u8], deadline: Duration) -> Result<Output, SshError> {
        match tokio::time::timeout(deadline, self.exec(command, input)).await {
            Ok(result) => result.map_err(|source| SshError::Broken { address: self.address, source }),
            Err(_) => Err(SshError::Silent { address: self.address }),
        }
    }

    async fn exec(&mut self, command: &str, input: &[u8]) -> Result<Output, russh::Error> {
        let mut channel = self.handle.channel_open_session().await?;
        channel.exec(true, command).await?;
        // Small enough for the first window (2 MiB): whoever writes more must read meanwhile.
        if !input.is_empty() {
            channel.data(input).await?;
            channel.eof().await?;
        }
        let (mut stdout, mut stderr, mut status) = (Vec::new(), Vec::new(), None);
        while let Some(message) = channel.wait().await {
            match message {
                ChannelMsg::Data { data } => take(&mut stdout, &data),
                ChannelMsg::ExtendedData { data, .. } => take(&mut stderr, &data),
                ChannelMsg::ExitStatus { exit_status } => status = Some(exit_status),
                // It does not run the command, and need not close the channel: whose it is closes it (RFC 4254, 6.5).
                ChannelMsg::Failure => break,
                _ => {}
            }
        }
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Output { status, stdout: text(stdout), stderr: text(stderr) })
    }
}

/// Keeps what fits; the rest is still read, or the other side would wait for us for ever.
fn take(kept: &mut Vec<u8>, data: &[u8]) {
    let room = OUTPUT_CAP.saturating_sub(kept.len());
    kept.extend_from_slice(&data[..data.len().min(room)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words() {
        assert_eq!(quote(&["docker", "run", "it's $HOME; rm", ""]), r"docker run 'it'\''s $HOME; rm' ''");
        assert_eq!(quote(&["a=b", "~", "a*", "x\n"]), "'a=b' '~' 'a*' 'x\n'");
    }

    #[test]
    fn an_output_is_told_in_one_line() {
        let output = |status, stderr: &str| Output { status, stdout: String::new(), stderr: stderr.into() };
        assert_eq!(output(Some(3), "a\nunit is inactive\n").in_words(), "exit status 3: unit is inactive");
        assert_eq!(output(None, "").in_words(), "no exit status");
    }
}
