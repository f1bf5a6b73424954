//! SIGTERM to a worker: its programs end by it, the worker itself lives on to take back what it began.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::signal::unix::{SignalKind, signal};

static ARRIVED: AtomicBool = AtomicBool::new(false);

/// Whether this worker was asked to stop.
pub fn arrived() -> bool {
    ARRIVED.load(Ordering::Relaxed)
}

/// From here on SIGTERM and SIGINT do not end this process; the programs that it runs still end by them.
pub(super) fn survive() {
    let listen = || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
                return;
            };
            loop {
                tokio::select! { _ = term.recv() => (), _ = int.recv() => () }
                ARRIVED.store(true, Ordering::Relaxed);
            }
        });
    };
    thread::spawn(listen);
}
