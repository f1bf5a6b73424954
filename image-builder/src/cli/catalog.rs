//! `image-builder catalog`: the identity catalog told, planned for a tree, and proven.

use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand};
use firstboot_unit::observe::observe;
use firstboot_unit::root::Root;
use serde_json::{Value, json};
use spec::exit::Exit;
use spec::identity::catalog::{FAMILIES, VERSION};
use spec::identity::{Catalog, ImageRule, Item, MachineIdState, Verdict, judge_image};

use super::bad_input::BadInput;
use super::catalog_dir::CatalogArguments;
use super::print;
use crate::catalog_check::{Outcome, check};

#[derive(Debug, Args)]
pub(super) struct CatalogVerb {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    catalog: CatalogArguments,
    /// Print one JSON object
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the rows
    List,
    /// Tell everything about a row
    Show {
        /// The row's id
        id: String,
    },
    /// Tell what a strip would do to a tree; nothing is changed
    Plan {
        /// A mounted image, or any folder that is a guest's root
        tree: PathBuf,
    },
    /// Prove every row: plant it in a tree and an archive, see it, refuse it, strip it
    Check,
}

pub(super) fn run(arguments: &CatalogVerb) -> anyhow::Result<Exit> {
    let catalog = arguments.catalog.load().map_err(BadInput::of)?;
    match &arguments.what {
        What::List => list(&catalog, arguments.json),
        What::Show { id } => show(&catalog, id, arguments.json),
        What::Plan { tree } => plan(&catalog, tree, arguments.json),
        What::Check => prove(&catalog, arguments.json),
    }
}

fn list(catalog: &Catalog, as_json: bool) -> anyhow::Result<Exit> {
    if as_json {
        let items: Vec<Value> = catalog.items().map(|item| told(catalog, item)).collect();
        print::json(&json!({ "version": 1, "catalog": VERSION, "drop_ins": catalog.drop_ins(), "items": items }))?;
        return Ok(Exit::Done);
    }
    let rows = catalog.items().map(|item| {
        [item.id.to_owned(), item.severity.to_string(), item.in_image.in_words(), item.renewed_by.in_words()]
    });
    print::table(["ITEM", "SEV", "IN A GOLDEN", "BROUGHT BACK BY"], rows)?;
    Ok(Exit::Done)
}

fn show(catalog: &Catalog, id: &str, as_json: bool) -> anyhow::Result<Exit> {
    let unknown = || BadInput::of(anyhow!("{id:?} is no item of the catalog; `image-builder catalog list` names them"));
    let item = catalog.item(id).ok_or_else(unknown)?;
    if as_json {
        print::json(&json!({ "version": 1, "item": told(catalog, item) }))?;
        return Ok(Exit::Done);
    }
    let list = |texts: &[&str]| if texts.is_empty() { "-".to_owned() } else { texts.join("\n") };
    let needs: Vec<String> = item.needs.iter().map(|need| need.in_words()).collect();
    print::pairs([
        ("item", format!("{} ({})", item.id, item.title)),
        ("family", family(catalog, item).to_owned()),
        ("class", item.class.in_words().to_owned()),
        ("why", format!("{}: {} (severity {})", item.harm.in_words(), item.because, item.severity)),
        ("places", list(item.places)),
        ("but not", list(item.except)),
        ("in a golden", item.in_image.in_words()),
        ("in a guest", item.in_guest.in_words().to_owned()),
        ("must differ", if item.unique { "yes" } else { "no" }.to_owned()),
        ("brought back by", item.renewed_by.in_words()),
        ("which takes", if needs.is_empty() { "-".to_owned() } else { needs.join(", ") }),
        ("stop first", list(item.stop_first)),
        ("comes back from", list(item.second_copies)),
        ("followed by", list(item.derives)),
        ("asleep after", list(item.after)),
        ("proof", item.proof.in_words()),
        ("survey", item.rows.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")),
    ])?;
    Ok(Exit::Done)
}

fn family(catalog: &Catalog, item: &Item) -> &'static str {
    let of = FAMILIES.iter().find(|family| family.items.iter().any(|known| known.id == item.id));
    match of {
        Some(family) => family.title,
        None if catalog.drop_ins().is_empty() => "-",
        None => "drop-ins",
    }
}

fn told(catalog: &Catalog, item: &Item) -> Value {
    json!({
        "id": item.id,
        "title": item.title,
        "family": family(catalog, item),
        "class": item.class.in_words(),
        "harm": item.harm.in_words(),
        "because": item.because,
        "severity": item.severity,
        "places": item.places,
        "except": item.except,
        "in_image": item.in_image.in_words(),
        "in_guest": item.in_guest.in_words(),
        "unique": item.unique,
        "renewed_by": item.renewed_by.in_words(),
        "needs": item.needs.iter().map(|need| need.in_words()).collect::<Vec<_>>(),
        "stop_first": item.stop_first,
        "second_copies": item.second_copies,
        "derives": item.derives,
        "after": item.after,
        "proof": item.proof.in_words(),
        "rows": item.rows,
    })
}

/// What strip would find, in its order. A tree that runs is told all the same: only what is stopped stays stripped.
fn plan(catalog: &Catalog, tree: &PathBuf, as_json: bool) -> anyhow::Result<Exit> {
    let root = Root::open(tree).context("cannot plan a strip")?;
    let findings = judge_image(catalog, &observe(&root, catalog), MachineIdState::Empty, &[]);
    let mut rows = Vec::new();
    for finding in findings.iter().filter(|finding| finding.verdict > Verdict::Skipped) {
        let Some(item) = catalog.item(&finding.item) else { bail!("{} is no item of the catalog", finding.item) };
        let does = match (finding.verdict, item.in_image) {
            (Verdict::Unverified, _) => "cannot look".to_owned(),
            (_, ImageRule::Forbidden) => "refuse".to_owned(),
            (_, rule) => rule.in_words(),
        };
        rows.push([finding.item.clone(), finding.place.clone(), does, item.stop_first.join(" "), finding.why.clone()]);
    }
    let refused = rows.iter().any(|row| row[2] == "refuse");
    if as_json {
        let steps = rows.iter().map(|[item, place, does, stop, why]| {
            json!({ "item": item, "place": place, "does": does, "stop_first": stop, "why": why })
        });
        print::json(&json!({ "version": 1, "refused": refused, "steps": steps.collect::<Vec<_>>() }))?;
    } else {
        print::table(["ITEM", "PLACE", "STRIP MAKES IT", "STOP FIRST", "SEEN"], rows)?;
    }
    Ok(if refused { Exit::Failed } else { Exit::Done })
}

fn prove(catalog: &Catalog, as_json: bool) -> anyhow::Result<Exit> {
    let proofs = check(catalog)?;
    let failed = proofs.iter().filter(|proof| matches!(proof.outcome, Outcome::Failed { .. })).count();
    let unproven = proofs.iter().filter(|proof| matches!(proof.outcome, Outcome::Unproven { .. })).count();
    if as_json {
        print::json(&json!({
            "version": 1, "catalog": VERSION, "rows": proofs.len(), "failed": failed, "unproven": unproven, "proofs": proofs,
        }))?;
    } else {
        print::table(
            ["ITEM", "PROOF", "HOW, OR WHY NOT"],
            proofs.iter().map(|proof| {
                let (outcome, explanation) = proof.outcome.in_words();
                [proof.item.to_owned(), outcome.to_owned(), explanation.to_owned()]
            }),
        )?;
        print::hint(&format!("{} rows: {failed} failed, {unproven} cannot be proven", proofs.len()));
    }
    Ok(if failed == 0 { Exit::Done } else { Exit::Failed })
}
