//! Running: both streams read at once, each line told as it comes.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::end::end;
use super::error::CommandError;
use super::finished::{Finished, last_lines};
use super::interrupt::Interrupt;

/// Bytes of each stream that are kept.
const KEPT_BYTES: usize = 16 << 20;
/// Bytes after which a line without an end is told in parts.
const LINE_BYTES: u64 = 64 << 10;
/// Chunks that are read ahead; a program that says more waits.
const AHEAD: usize = 64;
/// Between two looks at a program that says nothing.
const INTERVAL: Duration = Duration::from_millis(20);
/// How long streams may stay open and silent after the program's end: a daemon that it started may hold them for ever.
const GRACE: Duration = Duration::from_millis(500);

/// Which stream a line came on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A line of output, without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Where it came from.
    pub stream: Stream,
    /// The text; bytes that are no UTF-8 are replaced.
    pub text: &'a str,
}

/// What ends a program before it ends by itself.
pub(super) struct Until<'a> {
    /// Its time.
    pub(super) limit: Option<Duration>,
    /// Somebody's wish.
    pub(super) interrupt: Option<&'a Interrupt>,
}

/// How following a program ended; it does not run any more.
enum Ended {
    ByItself(ExitStatus),
    Overdue,
    Interrupted,
}

type Chunk = (Stream, Vec<u8>);

pub(super) fn run(
    mut command: Command,
    shown: String,
    until: &Until<'_>,
    on_line: &mut dyn FnMut(Line<'_>),
) -> Result<Finished, CommandError> {
    let not_run = |source| CommandError::NotRun { command: shown.clone(), source };
    if until.is_interrupted() {
        return Err(CommandError::Interrupted { command: shown });
    }
    let mut child = command.spawn().map_err(not_run)?;
    let chunks = read_both(&mut child);
    let mut said = Said::default();
    let ended = follow(&mut child, &chunks, until, &mut |(stream, bytes)| said.take(stream, &bytes, on_line));
    match ended.map_err(not_run)? {
        Ended::Interrupted => Err(CommandError::Interrupted { command: shown }),
        Ended::Overdue => {
            let limit = until.limit.unwrap_or_default();
            Err(CommandError::TimedOut { command: shown, limit, tail: last_lines(&text(&said.stderr)) })
        }
        Ended::ByItself(_) if said.too_much => Err(CommandError::TooMuchOutput { command: shown, limit: KEPT_BYTES }),
        Ended::ByItself(status) => {
            Ok(Finished { command: shown, status, stdout: text(&said.stdout), stderr: text(&said.stderr) })
        }
    }
}

impl Until<'_> {
    fn is_interrupted(&self) -> bool {
        self.interrupt.is_some_and(Interrupt::is_raised)
    }
}

/// Waits for the end while lines come in.
fn follow(
    child: &mut Child,
    chunks: &Receiver<Chunk>,
    until: &Until<'_>,
    take: &mut dyn FnMut(Chunk),
) -> io::Result<Ended> {
    let deadline = until.limit.map(|limit| Instant::now() + limit);
    let mut ended = None;
    let mut quiet_since = Instant::now();
    loop {
        match (chunks.recv_timeout(INTERVAL), ended) {
            (Ok(chunk), _) => {
                take(chunk);
                quiet_since = Instant::now();
            }
            (Err(RecvTimeoutError::Timeout), Some(status)) if quiet_since.elapsed() > GRACE => {
                return Ok(Ended::ByItself(status));
            }
            (Err(RecvTimeoutError::Timeout), _) => {}
            (Err(RecvTimeoutError::Disconnected), Some(status)) => return Ok(Ended::ByItself(status)),
            // Both streams are closed: nothing more will be said, only its end is to come.
            (Err(RecvTimeoutError::Disconnected), None) => thread::park_timeout(INTERVAL / 10),
        }
        if ended.is_none() {
            ended = child.try_wait()?;
        }
        if ended.is_none() && until.is_interrupted() {
            return end(child).map(|()| Ended::Interrupted);
        }
        if ended.is_none() && deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return end(child).map(|()| Ended::Overdue);
        }
    }
}

/// Starts a reader for each stream; the channel closes when both streams have.
fn read_both(child: &mut Child) -> Receiver<Chunk> {
    let (sender, chunks) = sync_channel(AHEAD);
    if let Some(stdout) = child.stdout.take() {
        read_lines(Stream::Stdout, stdout, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        read_lines(Stream::Stderr, stderr, sender);
    }
    chunks
}

fn read_lines(stream: Stream, source: impl Read + Send + 'static, sender: SyncSender<Chunk>) {
    thread::spawn(move || {
        let mut source = BufReader::new(source);
        loop {
            let mut bytes = Vec::new();
            // A stream that cannot be read has ended; how the program ends is what counts.
            let read = source.by_ref().take(LINE_BYTES).read_until(b'\n', &mut bytes).unwrap_or(0);
            if read == 0 || sender.send((stream, bytes)).is_err() {
                return;
            }
        }
    });
}

/// What was said so far.
#[derive(Default)]
struct Said {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    too_much: bool,
}

impl Said {
    fn take(&mut self, stream: Stream, bytes: &[u8], on_line: &mut dyn FnMut(Line<'_>)) {
        let shown = text(bytes);
        // A carriage return redraws a progress line in place: each drawing is a line of its own.
        for part in shown.split(['\r', '\n']).filter(|part| !part.is_empty()) {
            on_line(Line { stream, text: part });
        }
        let kept = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        if kept.len() + bytes.len() > KEPT_BYTES {
            // Too much on stderr is only forgotten; on stdout a reader would take a part for the whole.
            self.too_much |= stream == Stream::Stdout;
        } else {
            kept.extend_from_slice(bytes);
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
