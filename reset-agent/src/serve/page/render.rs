//! The HTML. Every value is escaped where it is put in.

use maud::{DOCTYPE, Markup, html};
use spec::report::{AuditReport, Class};

use super::overview::{Fleet, Overview};
use crate::serve::wire::{GuestView, RunView, StepView};

fn frame(title: &str, live: bool, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="stylesheet" href="/page.css";
                link rel="icon" href="/favicon.ico" type="image/svg+xml";
                @if live { script src="/page.js" defer {} }
            }
            body { (content) }
        }
    }
}

/// The form that asks for a token.
pub(super) fn login(why_not: Option<&str>) -> Markup {
    frame(
        "Mintmark: log in",
        false,
        &html! {
            main.login {
                h1 { "Mintmark" }
                @if let Some(why) = why_not { p.bad role="alert" { "Not logged in: " (why) } }
                form method="post" action="/login" {
                    label for="token" { "API token (scope read)" }
                    input id="token" name="token" type="password" autocomplete="off" required autofocus;
                    button type="submit" { "Log in" }
                }
                p { "A token is made with " code { "reset-agent tokens add" } "." }
            }
        },
    )
}

/// The page.
pub(super) fn page(overview: &Overview) -> Markup {
    frame(
        "Mintmark",
        true,
        &html! {
            header {
                h1 { "Mintmark" }
                p { (overview.reader) }
                form method="post" action="/logout" { button type="submit" { "Log out" } }
            }
            main {
                section aria-labelledby="runs" { h2 id="runs" { "Runs" } (runs(&overview.runs)) }
                section aria-labelledby="guests" { h2 id="guests" { "Guests" } (guests(&overview.guests)) }
                @if let Some(fleet) = &overview.fleet { (of_fleet(fleet)) }
            }
        },
    )
}

fn runs(runs: &[(RunView, String)]) -> Markup {
    html! {
        @if runs.is_empty() { p { "No run yet." } } @else {
            table {
                thead { tr { th scope="col" { "Run" } th scope="col" { "Plan" } th scope="col" { "Guest" } th scope="col" { "Accepted" } th scope="col" { "Stands" } th scope="col" { "Steps" } } }
                tbody { @for (run, at) in runs { (one_run(run, at)) } }
            }
        }
    }
}

fn one_run(run: &RunView, at: &str) -> Markup {
    let is_live = run.end == "unfinished";
    let last = if is_live { run.last } else { None };
    html! {
        tr data-run=[is_live.then_some(run.run.as_str())] data-last=[last] {
            td { a href={ "/v1/runs/" (run.run) } { code { (run.run) } } }
            td { (run.plan) }
            td { (run.guest.as_deref().unwrap_or("")) }
            td { time datetime=(at) { (at) } }
            td.end data-end=(run.end) aria-live=[is_live.then_some("polite")] {
                (run.end)
                @if let Some(reason) = &run.reason { p.reason { (reason) } }
                @if let Some(next) = &run.next { p { "Next: " code { (next) } } }
            }
            td { ol.steps { @for step in &run.steps { (one_step(step)) } } }
        }
    }
}

fn one_step(step: &StepView) -> Markup {
    html! { li data-step=(step.name) data-state=(step.state) title={ (step.name) ": " (step.state) } { (step.name) } }
}

fn guests(guests: &[GuestView]) -> Markup {
    html! {
        @if guests.is_empty() { p { "No guest yet." } } @else {
            table {
                thead { tr { th scope="col" { "Guest" } th scope="col" { "VMID" } th scope="col" { "Hostname" } th scope="col" { "Golden" } th scope="col" { "State" } th scope="col" { "Address" } th scope="col" { "Identities" } } }
                tbody { @for guest in guests { (one_guest(guest)) } }
            }
        }
    }
}

fn one_guest(guest: &GuestView) -> Markup {
    let held: Vec<_> = guest.identities.iter().filter(|identity| identity.retired_at.is_none()).collect();
    html! {
        tr {
            th scope="row" { (guest.guest) }
            td { (guest.vmid) }
            td { (guest.hostname) }
            td { (guest.golden) }
            td data-state=(guest.state) { (guest.state) }
            td { (guest.address.as_deref().unwrap_or("")) }
            td {
                details {
                    summary { (held.len()) " of " (guest.guest) }
                    dl { @for identity in held { dt { (identity.kind) } dd { code { (identity.value) } } } }
                }
            }
        }
    }
}

fn of_fleet(fleet: &Fleet) -> Markup {
    html! {
        section aria-labelledby="goldens" {
            h2 id="goldens" { "Goldens and channels" }
            @if fleet.unread > 0 { p.bad { (fleet.unread) " manifests or folders could not be read." } }
            @if fleet.goldens.is_empty() { p { "No manifest within sight." } } @else {
                ul { @for (golden, release) in &fleet.goldens { li { (golden) " " code { (release) } } } }
            }
            @if !fleet.channels.is_empty() {
                p { "Channels, as they were last resolved:" }
                ul { @for seen in &fleet.channels { li { (seen.golden) "/" (seen.channel) ": serial " (seen.serial) ", " time datetime=(seen.seen_at) { (seen.seen_at) } } } }
            }
        }
        section aria-labelledby="audit" {
            h2 id="audit" { "Last audit" }
            @match &fleet.audit {
                None => p { "None yet: POST /v1/audits begins one." },
                Some((row, report)) => {
                    p data-exit=(row.exit.as_deref().unwrap_or("")) { (row.ended_at.as_deref().unwrap_or("")) ": " strong { (row.exit.as_deref().unwrap_or("")) } }
                    @if let Some(report) = report { (found(report)) }
                }
            }
        }
    }
}

fn found(report: &AuditReport) -> Markup {
    html! {
        p {
            (report.guests) " guests"
            @for class in Class::ALL { ", " (report.counts.get(&class).copied().unwrap_or(0)) " " (class.as_str()) }
        }
        ul { @for finding in &report.findings { li {
            (finding.class.as_str()) ": " (finding.kind) " " code { (finding.value) } " " (finding.why)
            @for guest in &finding.guests { ", guest " (guest.vmid) " (" (guest.name) ")" }
        } } }
    }
}
