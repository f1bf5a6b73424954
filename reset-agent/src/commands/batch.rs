//! `batch`: many customers from one list.

use std::fs;

use serde_json::{Value, json};
use spec::exit::Exit;

use super::output::Output;
use crate::agent::Agent;
use crate::batch::list::Form;
use crate::batch::{Planned, Standing, read};
use crate::cli::Batch;
use crate::node::failure::chain;
use crate::render;
use crate::stop::Stop;
use crate::verbs::batch::{Carried, carry_out, planned};

pub(super) async fn run(agent: &Agent, output: Output, arguments: Batch) -> Result<Exit, Stop> {
    let Batch { file, parallel, plan: only_plan } = arguments;
    let text = fs::read_to_string(&file)
        .map_err(|error| Stop::bad_input(format!("the list {} cannot be read: {error}", file.display())))?;
    let settings = &agent.context.settings;
    let entries = read(&text, Form::of(&file), settings.guests.rootfs).map_err(Stop::usage)?;
    let needs_login = entries.iter().find(|entry| !entry.request.checks.is_empty() && !settings.ssh.logs_in());
    if let Some(entry) = needs_login {
        return Err(Stop::bad_input(format!(
            "line {}: checks need a login: set `ssh.user_ca` or `ssh.agent`",
            entry.line
        )));
    }
    let plan = planned(agent, entries).await?;
    let conflicts = plan.iter().any(|line| matches!(line.standing, Standing::Conflict { .. }));
    if only_plan || conflicts {
        let rows: Vec<Value> = plan.iter().map(row_of_plan).collect();
        output.print(&json!({ "plan": rows }), || shown(&plan))?;
        return Ok(if conflicts { Exit::Usage } else { Exit::Done });
    }
    eprintln!("{}", shown(&plan));
    let entries = plan.into_iter().map(|line| line.entry).collect();
    let carried = carry_out(agent, entries, usize::from(parallel)).await?;
    let rows: Vec<Value> = carried.iter().map(row_of_result).collect();
    output.print(&json!({ "results": rows }), || carried.iter().map(line_of).collect::<Vec<_>>().join("\n"))?;
    Ok(carried.iter().map(exit).max_by_key(|exit| *exit as u8).unwrap_or(Exit::Done))
}

fn row_of_plan(line: &Planned) -> Value {
    let request = &line.entry.request;
    json!({ "line": line.entry.line, "customer": request.customer, "hostname": request.hostname, "golden": request.golden,
            "size": request.size, "result": line.standing })
}

fn shown(plan: &[Planned]) -> String {
    let mut table = render::table(["line", "customer", "hostname", "golden", "size", ""]);
    for Planned { entry, standing } in plan {
        let what = match standing {
            Standing::New => "is made".to_owned(),
            Standing::Exists { vmid } => format!("guest {vmid} is there"),
            Standing::Conflict { why } => format!("conflict: {why}"),
        };
        let request = &entry.request;
        let (customer, hostname) = (request.customer.to_string(), request.hostname.to_string());
        let row =
            [entry.line.to_string(), customer, hostname, request.golden.to_string(), request.size.to_string(), what];
        table.add_row(row);
    }
    table.to_string()
}

fn exit(carried: &Carried) -> Exit {
    match &carried.result {
        Ok(outcome) => outcome.exit(),
        Err(stop) => stop.exit,
    }
}

fn row_of_result(carried: &Carried) -> Value {
    let (line, customer) = (carried.entry.line, &carried.entry.request.customer);
    let exit = exit(carried) as u8;
    match &carried.result {
        Ok(outcome) => json!({ "line": line, "customer": customer, "exit": exit, "outcome": outcome }),
        Err(stop) => json!({ "line": line, "customer": customer, "exit": exit, "error": chain(stop.error.as_ref()) }),
    }
}

fn line_of(carried: &Carried) -> String {
    let told = match &carried.result {
        Ok(outcome) => render::outcome_line(outcome),
        Err(stop) => chain(stop.error.as_ref()),
    };
    format!("line {}: {told}", carried.entry.line)
}
