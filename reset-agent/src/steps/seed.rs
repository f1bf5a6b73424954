//! cloud-init's seed, put into the stopped guest; and what is made of how cloud-init ended.

use saga::{Recorder, StepError};
use spec::cloud_init::CloudInit;
use spec::ids::RunId;

use super::proof::ProvenReset;
use super::reserve::Names;
use super::resolve::Golden;
use crate::cloud_init::{Seed, Values};
use crate::context::Context;
use crate::guest::Place;
use crate::request::ProvisionRequest;

/// Puts the seed into the guest, where its golden is one that cloud-init sets up.
pub(super) async fn sow(ctx: &Context, rec: &Recorder<'_>, proven: &ProvenReset, run: &RunId) -> Result<(), StepError> {
    let golden: Golden = rec.output("resolve")?;
    let Some(settings) = ctx.settings.cloud_init.as_ref().filter(|settings| settings.is_for(golden.name())) else {
        return Ok(());
    };
    let Some(helper) = ctx.helper_of(proven.vmid()) else {
        return Err(StepError::failed(format!(
            "guests of {} are set up by cloud-init, and only a helper can bring its seed into them: set `helper.socket`",
            golden.name()
        )));
    };
    let (request, names): (ProvisionRequest, Names) = (rec.input()?, rec.output("reserve")?);
    let values = Values::new(&settings.constants, &names.hostname, &request.customer);
    let seed = Seed::new(&settings.template, &values, run, &names.hostname);
    let seed = seed.map_err(|error| StepError::from_error(&error))?;
    let delivered = helper.deliver(proven.vmid(), Place::Nocloud, &seed.files()).await;
    delivered.map(drop).map_err(|error| StepError::from_error(&error))
}

/// Whether a run's guest had a seed of ours to read; none for a guest that is made from no golden: what cloud-init did in
/// a customer's own backup is not judged.
pub(super) fn sown(ctx: &Context, rec: &Recorder<'_>) -> Option<bool> {
    let golden: Golden = rec.output("resolve").ok()?;
    Some(ctx.settings.cloud_init.as_ref().is_some_and(|settings| settings.is_for(golden.name())))
}

/// Why a guest is not through with cloud-init.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotThrough {
    /// It works on.
    #[error("cloud-init is not through")]
    NotYet,
    /// A seed was sown and there is no cloud-init.
    #[error("the golden is listed in cloud_init.goldens and has no cloud-init")]
    Absent,
    /// A seed was sown and cloud-init was off.
    #[error("cloud-init is disabled in the guest, and was to set it up")]
    Disabled,
    /// A seed was sown and cloud-init took its data elsewhere.
    #[error("cloud-init took its data from {0:?} and not from the seed")]
    Elsewhere(String),
    /// It failed.
    #[error("cloud-init failed: {}", .0.join("; "))]
    Failed(Vec<String>),
    /// It did not do all that it was told.
    #[error("cloud-init is through, but degraded: {}", .0.join("; "))]
    Degraded(Vec<String>),
    /// It cannot be told how it ended.
    #[error("how cloud-init ended cannot be told: {0}")]
    Unreadable(String),
}

/// Whether cloud-init is through in a guest. `sown` says that it had a seed of ours to read; without one it may be
/// absent or disabled. Deprecated words in user-data are no failure, every other warning is one: something that was
/// asked for was not done.
pub(super) fn through(state: Option<&CloudInit>, sown: bool) -> Result<(), NotThrough> {
    match state {
        None if sown => Err(NotThrough::Absent),
        Some(CloudInit::Disabled) if sown => Err(NotThrough::Disabled),
        None | Some(CloudInit::Disabled) => Ok(()),
        Some(CloudInit::NotRun | CloudInit::Running) => Err(NotThrough::NotYet),
        Some(CloudInit::Error { why }) => Err(NotThrough::Failed(why.clone())),
        Some(CloudInit::Unreadable { why }) => Err(NotThrough::Unreadable(why.clone())),
        Some(CloudInit::Degraded { why, .. }) if why.iter().any(|why| !why.starts_with("DEPRECATED: ")) => {
            Err(NotThrough::Degraded(why.clone()))
        }
        Some(CloudInit::Done { datasource } | CloudInit::Degraded { datasource, .. }) => {
            if sown && !datasource.contains("NoCloud") {
                return Err(NotThrough::Elsewhere(datasource.clone()));
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(datasource: &str) -> CloudInit {
        CloudInit::Done { datasource: datasource.into() }
    }

    fn degraded(why: &str) -> CloudInit {
        CloudInit::Degraded { datasource: "DataSourceNoCloud".into(), why: vec![why.into()] }
    }

    #[test]
    fn s0_11_only_done_passes_and_each_other_end_has_its_own_error() {
        let why = || vec!["x".to_owned()];
        assert_eq!(through(Some(&done("DataSourceNoCloud [seed=/x]")), true), Ok(()));
        assert_eq!(through(Some(&degraded("DEPRECATED: chpasswd.list")), true), Ok(()));
        for (state, expected) in [
            (None, NotThrough::Absent),
            (Some(CloudInit::Disabled), NotThrough::Disabled),
            (Some(CloudInit::NotRun), NotThrough::NotYet),
            (Some(CloudInit::Running), NotThrough::NotYet),
            (Some(CloudInit::Error { why: why() }), NotThrough::Failed(why())),
            (Some(CloudInit::Unreadable { why: "x".into() }), NotThrough::Unreadable("x".into())),
            (Some(degraded("WARNING: x")), NotThrough::Degraded(vec!["WARNING: x".into()])),
            (Some(done("DataSourceNone")), NotThrough::Elsewhere("DataSourceNone".into())),
        ] {
            assert_eq!(through(state.as_ref(), true), Err(expected), "{state:?}");
        }
    }

    #[test]
    fn s0_11_without_a_seed_it_may_be_absent_or_off_but_not_fail() {
        assert_eq!(through(None, false), Ok(()));
        assert_eq!(through(Some(&CloudInit::Disabled), false), Ok(()));
        assert_eq!(through(Some(&done("DataSourceNone")), false), Ok(()));
        assert_eq!(through(Some(&CloudInit::Running), false), Err(NotThrough::NotYet));
        assert!(through(Some(&CloudInit::Error { why: Vec::new() }), false).is_err());
    }
}
