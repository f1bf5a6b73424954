//! `doctor`: what stands in the way.

use spec::exit::Exit;

use super::output::Output;
use crate::agent::Agent;
use crate::config::{Settings, Warmth};
use crate::doctor::roles::{DEFAULT_TOKEN, Scope, roles};
use crate::doctor::{examine, golden_archives, orphans, render};
use crate::stop::Stop;
use crate::verbs;

pub(super) async fn run(agent: &Agent, output: Output) -> Result<Exit, Stop> {
    let context = &agent.context;
    let mut diagnosis = examine(&context.settings, &context.pve, context.helper.as_ref()).await;
    diagnosis.checks.push(orphans(&verbs::orphans::survey(agent).await));
    output.print(&diagnosis, || render::render(&diagnosis))?;
    Ok(diagnosis.exit())
}

/// The least roles. Nobody is asked: before there is a token, too.
pub(super) fn print_roles(settings: &Settings, output: Output) -> Result<Exit, Stop> {
    let token = settings.node.token.read().ok();
    let token = token.as_ref().and_then(|token| token.split_once('=')).map_or(DEFAULT_TOKEN, |(id, _)| id);
    let mut storages = golden_archives(settings).storages;
    storages.extend(settings.members.iter().map(|member| member.storage.clone()));
    let scope = Scope {
        token: token.to_owned(),
        storages,
        bridge: settings.guests.bridge.clone(),
        warm: settings.guests.warm == Warmth::Auto,
        several_nodes: settings.members.len() > 1,
    };
    let roles = roles(&scope);
    output.print(&roles, || roles.lines.join("\n"))?;
    Ok(Exit::Done)
}
