//! Containers: started and ended.

use std::time::Duration;

use pve_wire::Upid;
use pve_wire::api::calls::{REBOOT, SHUTDOWN, START, STOP};
use spec::ids::Vmid;

use crate::client::Client;
use crate::error::CallError;
use crate::request::Params;

impl Client {
    /// `POST …/status/start`. Wait for the task: the status may say `running` before the guest's init is up.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::AlreadyRunning`](crate::Meaning::AlreadyRunning) where it runs.
    pub async fn start(&self, vmid: Vmid) -> Result<Upid, CallError> {
        self.call(&START, Params::on(vmid)).await
    }

    /// `POST …/status/stop`: pulls the plug.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::NotRunning`](crate::Meaning::NotRunning) where it does not run.
    pub async fn stop(&self, vmid: Vmid) -> Result<Upid, CallError> {
        self.call(&STOP, Params::on(vmid)).await
    }

    /// `POST …/status/shutdown`: asks init to end, and the task fails where it does not within `timeout`.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::NotRunning`](crate::Meaning::NotRunning) where it does not run.
    pub async fn shutdown(&self, vmid: Vmid, timeout: Duration) -> Result<Upid, CallError> {
        self.call(&SHUTDOWN, Params::on(vmid).with("timeout", &timeout.as_secs())).await
    }

    /// `POST …/status/shutdown?forceStop=1`: the same, and pulls the plug where init does not end within `timeout`.
    ///
    /// # Errors
    /// As [`Client::shutdown`].
    pub async fn shutdown_or_stop(&self, vmid: Vmid, timeout: Duration) -> Result<Upid, CallError> {
        self.call(&SHUTDOWN, Params::on(vmid).with("timeout", &timeout.as_secs()).flag("forceStop", true)).await
    }

    /// `POST …/status/reboot`: changes that waited for the next start take effect.
    ///
    /// # Errors
    /// [`CallError`] with [`Meaning::NotRunning`](crate::Meaning::NotRunning) where it does not run.
    pub async fn reboot(&self, vmid: Vmid, timeout: Duration) -> Result<Upid, CallError> {
        self.call(&REBOOT, Params::on(vmid).with("timeout", &timeout.as_secs())).await
    }
}
