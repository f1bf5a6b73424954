//! Signals that end a build early: what it has made is removed before the program ends.

use std::io;
use std::thread;

use pve_host::process::Interrupt;
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ctrl-C, `kill`, and the terminal that goes away.
const SIGNALS: [fn() -> SignalKind; 3] = [SignalKind::interrupt, SignalKind::terminate, SignalKind::hangup];

/// From here on the first signal raises the wish, and none ends this program by itself any more.
pub fn as_interrupt() -> io::Result<Interrupt> {
    let interrupt = Interrupt::default();
    let raised = interrupt.clone();
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let [first, second, third] = {
        // Signals are registered before this returns: none is lost between here and the thread.
        let _context = runtime.enter();
        listen()?
    };
    let wait = async move {
        let (mut first, mut second, mut third) = (first, second, third);
        tokio::select! {
            _ = first.recv() => {}
            _ = second.recv() => {}
            _ = third.recv() => {}
        }
        raised.raise();
    };
    thread::Builder::new().name("signals".to_owned()).spawn(move || runtime.block_on(wait))?;
    Ok(interrupt)
}

fn listen() -> io::Result<[Signal; 3]> {
    let [first, second, third] = SIGNALS.map(|kind| signal(kind()));
    Ok([first?, second?, third?])
}
