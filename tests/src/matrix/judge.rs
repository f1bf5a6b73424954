//! What three readings of one application say of it. Pure.

use spec::identity::Verdict;

use super::app::App;
use super::reading::Seen;

/// The build guest's reading, and those of two guests.
#[derive(Debug, Clone, Copy)]
pub(super) struct Three<'r> {
    /// The build guest.
    pub(super) build: Option<&'r Seen>,
    /// The guests.
    pub(super) guests: [Option<&'r Seen>; 2],
}

/// Whether the guests differ from the build guest and from each other, and work.
pub(super) fn judge(app: &App, three: &Three<'_>) -> (Verdict, String) {
    let fail = |why: String| (Verdict::Fail, why);
    let Some(build) = three.build else { return fail("the build guest was not read".into()) };
    let Seen::There { identity: first, .. } = build else {
        return (Verdict::Unverified, "Debian's archive does not have it".into());
    };
    let mut values = vec![("the build guest", first)];
    let mut idle = Vec::new();
    for (name, seen) in ["guest A", "guest B"].into_iter().zip(three.guests) {
        match seen {
            Some(Seen::There { works, identity }) => {
                values.push((name, identity));
                if !works {
                    idle.push(name);
                }
            }
            Some(Seen::Absent) => return fail(format!("its packages are missing in {name}")),
            None => return fail(format!("{name} was not read")),
        }
    }
    if let Some((one, other)) = equal(&values) {
        return fail(format!("{one} and {other} have one identity"));
    }
    if let (false, Some(why)) = (idle.is_empty(), app.never_works) {
        return (Verdict::Unverified, why.to_owned());
    }
    if first.is_empty() {
        return (Verdict::Unverified, "it made no identity in the build guest".into());
    }
    if let Some((name, _)) = values.iter().find(|(_, value)| value.is_empty()) {
        return fail(format!("{name} has no identity"));
    }
    if !idle.is_empty() {
        return fail(format!("it does not work in {}", idle.join(" and ")));
    }
    (Verdict::Pass, "three identities, and it works in both guests".into())
}

/// Two that have the same; what has nothing shares nothing.
fn equal<'v>(values: &[(&'v str, &String)]) -> Option<(&'v str, &'v str)> {
    values.iter().enumerate().find_map(|(index, (one, value))| {
        let twin = values[index + 1..].iter().find(|(_, other)| !value.is_empty() && other == value);
        twin.map(|(other, _)| (*one, *other))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: App = App::new("x", &[1], &["x"], "true", "true");

    fn seen(works: bool, identity: &str) -> Seen {
        Seen::There { works, identity: identity.into() }
    }

    #[track_caller]
    fn check(app: App, readings: &[Option<Seen>; 3], verdict: Verdict, word: &str) {
        let [build, a, b] = readings;
        let (got, why) = judge(&app, &Three { build: build.as_ref(), guests: [a.as_ref(), b.as_ref()] });
        assert!(got == verdict && why.contains(word), "{got:?}: {why}");
    }

    #[test]
    fn only_three_values_and_two_working_services_pass() {
        let there = |works, identity: &str| Some(seen(works, identity));
        check(PLAIN, &[there(true, "1"), there(true, "2"), there(true, "3")], Verdict::Pass, "three");
        check(PLAIN, &[there(false, "1"), there(true, "2"), there(true, "3")], Verdict::Pass, "three");
        check(PLAIN, &[there(true, "1"), there(true, "1"), there(true, "3")], Verdict::Fail, "build guest and guest A");
        check(PLAIN, &[there(true, "1"), there(true, "2"), there(true, "2")], Verdict::Fail, "guest A and guest B");
        check(PLAIN, &[there(true, "1"), there(true, "2"), there(true, "")], Verdict::Fail, "guest B has no");
        check(PLAIN, &[there(true, "1"), there(false, "2"), there(true, "3")], Verdict::Fail, "not work in guest A");
        check(PLAIN, &[there(true, "1"), None, there(true, "3")], Verdict::Fail, "guest A was not read");
        check(PLAIN, &[there(true, "1"), Some(Seen::Absent), there(true, "3")], Verdict::Fail, "missing in guest A");
    }

    #[test]
    fn what_could_not_be_looked_at_never_passes() {
        let there = |works, identity: &str| Some(seen(works, identity));
        check(PLAIN, &[Some(Seen::Absent), Some(Seen::Absent), Some(Seen::Absent)], Verdict::Unverified, "archive");
        check(PLAIN, &[there(true, ""), there(true, ""), there(true, "")], Verdict::Unverified, "made no identity");
        let clock = PLAIN.never_works("no clock");
        check(clock, &[there(false, ""), there(false, ""), there(false, "")], Verdict::Unverified, "no clock");
        check(clock, &[there(false, "1"), there(false, "1"), there(false, "2")], Verdict::Fail, "one identity");
    }
}
