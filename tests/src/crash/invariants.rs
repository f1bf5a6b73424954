//! What must hold after a cell. Pure: two looks and what the agent said, in; what is broken, out.

use serde_json::Value;

use super::world::World;

/// The longest that a run may take to come to its end once nothing disturbs it (I7).
pub(super) const END: u64 = 600;

/// What the recovery said.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) code: i32,
    pub(super) json: Value,
    pub(super) seconds: u64,
}

/// What a run was meant to come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meant<'a> {
    pub(super) customer: &'a str,
    /// The run that was struck; none where its death came before it was accepted.
    pub(super) run: Option<&'a str>,
    /// Name of the golden.
    pub(super) golden: &'a str,
}

/// After a recovery that was to end with a guest.
pub(super) fn one_guest(before: &World, after: &World, told: &Told, meant: Meant<'_>) -> Vec<String> {
    let mut broken = untouched(before, after);
    let mut must = |holds: bool, what: String| {
        if !holds {
            broken.push(what);
        }
    };
    must(told.seconds <= END, format!("I7: it took {} s", told.seconds));
    must(told.code == 0, format!("I7: the recovery exited {}: {}", told.code, told.json));
    let run = told.json["run"].as_str().unwrap_or_default();
    must(meant.run.is_none_or(|meant| meant == run), format!("I4: the answer is run {run}'s, not {:?}'s", meant.run));
    let new: Vec<(&u32, &String)> = after.guests.iter().filter(|(vmid, _)| !before.guests.contains_key(vmid)).collect();
    must(new.len() == 1, format!("I2: {} guests came to be: {new:?}", new.len()));
    let restores = after.restored.difference(&before.restored).count();
    must(restores == 1, format!("I4: {restores} restores ended well"));
    for (vmid, config) in new {
        must(config.contains(&format!("mintmark%3Arun={run}")), format!("I2: {vmid} does not bear the mark: {config}"));
        must(
            config.lines().any(|line| line == format!("hostname: {}", meant.customer)),
            format!("I1: {vmid}: {config}"),
        );
        must(!config.contains("link_down=1"), format!("I7: the link of {vmid} is down: {config}"));
        must(!config.contains("lock:"), format!("I7: {vmid} is locked: {config}"));
        must(after.running.contains(vmid), format!("I7: {vmid} does not run"));
        let own = (meant.customer.to_owned(), u64::from(*vmid), "active".to_owned(), run.to_owned());
        let entered: Vec<_> = after.live.difference(&before.live).collect();
        must(entered == [&own], format!("I2: the ledger's new guests are {entered:?}"));
        let volumes: Vec<&String> = after.volumes.difference(&before.volumes).collect();
        let is_own = |volume: &&String| volume.contains(&format!("vm-{vmid}-"));
        must(volumes.len() == 1 && volumes.iter().all(is_own), format!("I2: the new volumes are {volumes:?}"));
    }
    let golden = told.json["golden"].as_str().unwrap_or_default();
    must(golden == meant.golden, format!("I5: it was made from {golden}"));
    must(after.unfinished.is_empty(), format!("I7: unfinished: {:?}", after.unfinished));
    broken
}

/// After a run that was undone, or a guest that was destroyed: all is as it was before.
pub(super) fn nothing_left(before: &World, after: &World, customer: &str) -> Vec<String> {
    let mut broken = untouched(before, after);
    let mut same = |holds: bool, what: String| {
        if !holds {
            broken.push(what);
        }
    };
    same(after.guests.len() == before.guests.len(), format!("I2: guests {:?}", after.guests.keys()));
    same(after.volumes == before.volumes, format!("I2: volumes {:?}", after.volumes));
    same(after.live == before.live, format!("I2: the ledger has {:?}", after.live));
    same(after.running == before.running, format!("I2: running {:?}", after.running));
    same(after.unfinished.is_empty(), format!("I7: unfinished: {:?}", after.unfinished));
    same(!after.known_hosts.contains(customer), format!("I2: known_hosts still names {customer}"));
    broken
}

/// After a destruction that was to come to its end.
pub(super) fn ended(told: &Told) -> Vec<String> {
    let mut broken = Vec::new();
    if told.seconds > END {
        broken.push(format!("I7: it took {} s", told.seconds));
    }
    if told.code != 0 {
        broken.push(format!("I7: the recovery exited {}: {}", told.code, told.json));
    }
    broken
}

/// What the end of an undone run must say.
pub(super) fn explained(told: &Told) -> Vec<String> {
    let mut broken = Vec::new();
    if told.seconds > END {
        broken.push(format!("I7: it took {} s", told.seconds));
    }
    let outcome = &told.json["runs"][0];
    let reason = outcome["reason"].as_str().unwrap_or_default();
    if told.code != 1 || outcome["end"] != "rolled-back" || reason.is_empty() {
        broken.push(format!("I6: exit code {}, {}", told.code, told.json));
    }
    broken
}

/// What was there before, and is nobody's business, is as it was.
fn untouched(before: &World, after: &World) -> Vec<String> {
    let mut broken = Vec::new();
    for (vmid, config) in &before.guests {
        if after.guests.get(vmid) != Some(config) {
            broken.push(format!("I3: guest {vmid} was touched: {:?}", after.guests.get(vmid)));
        }
    }
    for vmid in before.running.difference(&after.running) {
        broken.push(format!("I3: guest {vmid} runs no longer"));
    }
    for guest in before.live.difference(&after.live) {
        broken.push(format!("I3: the ledger lost {guest:?}"));
    }
    broken
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn before() -> World {
        World { guests: [(150, "hostname: theirs\n".to_owned())].into(), running: [150].into(), ..World::default() }
    }

    fn after() -> World {
        let mut world = before();
        let config = "#mintmark%3Arun=r\nhostname: acme\nnet0: name=eth0\n";
        world.guests.insert(101, config.to_owned());
        world.running.insert(101);
        world.volumes.insert("local:101/vm-101-disk-0.raw".to_owned());
        world.restored.insert("UPID:1".to_owned());
        world.live.insert(("acme".into(), 101, "active".into(), "r".into()));
        world
    }

    fn told() -> Told {
        Told { code: 0, json: json!({"run": "r", "golden": "g 1"}), seconds: 9 }
    }

    const MEANT: Meant<'_> = Meant { customer: "acme", run: Some("r"), golden: "g 1" };

    fn broken(after: &World, told: &Told) -> Vec<String> {
        one_guest(&before(), after, told, MEANT)
    }

    #[test]
    fn one_guest_and_all_as_it_should_be() {
        assert_eq!(broken(&after(), &told()), Vec::<String>::new());
        assert_eq!(nothing_left(&before(), &before(), "acme"), Vec::<String>::new());
    }

    /// Every invariant that a cell is judged by can be seen to break.
    #[test]
    fn everything_that_can_be_wrong_is_told() {
        type Spoil = fn(&mut World, &mut Told);
        let spoilt: [(&str, Spoil); 11] = [
            ("I1", |world, _| drop(world.guests.insert(101, "hostname: golden\n#mintmark%3Arun=r\n".into()))),
            ("I2", |world, _| drop(world.guests.insert(102, "hostname: acme\n".into()))),
            ("I2", |world, _| assert!(world.volumes.insert("local:102/vm-102-disk-0.raw".into()))),
            ("I2", |world, _| assert!(world.live.insert(("acme".into(), 102, "reserved".into(), "q".into())))),
            ("I3", |world, _| drop(world.guests.insert(150, "hostname: ours\n".into()))),
            ("I3", |world, _| assert!(world.running.remove(&150))),
            ("I4", |world, _| assert!(world.restored.insert("UPID:2".into()))),
            ("I4", |_, told| told.json["run"] = json!("q")),
            ("I5", |_, told| told.json["golden"] = json!("g 2")),
            ("I7", |_, told| told.seconds = 601),
            ("I7", |world, _| assert!(world.unfinished.insert("r".into()))),
        ];
        for (invariant, spoil) in spoilt {
            let (mut world, mut said) = (after(), told());
            spoil(&mut world, &mut said);
            let broken = broken(&world, &said);
            assert!(broken.iter().any(|line| line.starts_with(invariant)), "{invariant}: {broken:?}");
        }
    }

    #[test]
    fn what_is_left_is_told() {
        assert_eq!(nothing_left(&before(), &after(), "acme").len(), 4);
        let mut named = before();
        named.known_hosts = "10.0.0.2,acme ssh-ed25519 AAAA".into();
        assert_eq!(nothing_left(&before(), &named, "acme").len(), 1);
    }

    #[test]
    fn a_destruction_that_did_not_end_is_told() {
        assert!(ended(&told()).is_empty());
        assert_eq!(ended(&Told { code: 4, seconds: 601, ..told() }).len(), 2);
    }

    #[test]
    fn an_end_without_a_reason_is_told() {
        let mut told =
            Told { code: 1, json: json!({"runs": [{"end": "rolled-back", "reason": "given up"}]}), seconds: 1 };
        assert!(explained(&told).is_empty());
        told.json["runs"][0]["reason"] = json!("");
        assert_eq!(explained(&told).len(), 1);
    }
}
