//! Names of units: type, template, instance, and the specifiers that stand for them.

/// The endings that make a name a unit's.
const TYPES: [&str; 11] =
    ["service", "socket", "target", "mount", "automount", "swap", "path", "timer", "slice", "scope", "device"];

/// Whether a name is a unit's.
pub(super) fn is_unit(name: &str) -> bool {
    kind(name).is_some_and(|kind| TYPES.contains(&kind))
}

/// `service` of `a.service`.
pub(super) fn kind(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, kind)| kind)
}

/// `getty@.service` of `getty@tty1.service`; none for a name without `@`, and for a template itself.
pub(super) fn template(name: &str) -> Option<String> {
    let (prefix, rest) = name.split_once('@')?;
    let (instance, kind) = rest.rsplit_once('.')?;
    (!instance.is_empty()).then(|| format!("{prefix}@.{kind}"))
}

/// `getty@tty1.service` of `getty@.service` and `tty1`.
pub(super) fn instance_of(template: &str, instance: &str) -> String {
    template.replacen('@', &format!("@{instance}"), 1)
}

/// Whether it names a template, not an instance of one.
pub(super) fn is_template(name: &str) -> bool {
    name.contains("@.")
}

/// The text with the name's specifiers filled in (systemd.unit(5)); others stay as they are.
pub(super) fn filled_in(text: &str, name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let (prefix, instance) = stem.split_once('@').unwrap_or((stem, ""));
    let mut filled = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            filled.push(character);
            continue;
        }
        match characters.next() {
            Some('i' | 'I') => filled.push_str(instance),
            Some('p' | 'P') => filled.push_str(prefix),
            Some('n') => filled.push_str(name),
            Some('N') => filled.push_str(stem),
            Some('%') | None => filled.push('%'),
            Some(other) => filled.extend(['%', other]),
        }
    }
    filled
}

/// The folders of drop-ins that apply to a unit of that name, the most special first: `a-b@i.service.d`,
/// `a-b@.service.d`, `a-.service.d`, `service.d`.
pub(super) fn drop_in_names(name: &str) -> Vec<String> {
    let mut names = vec![name.to_owned()];
    names.extend(template(name));
    if let Some((stem, kind)) = name.rsplit_once('.') {
        let mut prefix = stem.split_once('@').map_or(stem, |(prefix, _)| prefix);
        while let Some((shorter, _)) = prefix.trim_end_matches('-').rsplit_once('-') {
            names.push(format!("{shorter}-.{kind}"));
            prefix = shorter;
        }
        names.push(kind.to_owned());
    }
    names
}

/// Whether a name fits a shell pattern of `*`, `?` and `[…]` (fnmatch(3), as presets are matched).
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    fits_from(&pattern, &name)
}

fn fits_from(pattern: &[char], name: &[char]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some(('*', rest)) => (0..=name.len()).any(|skip| fits_from(rest, &name[skip..])),
        Some(('?', rest)) => name.split_first().is_some_and(|(_, after)| fits_from(rest, after)),
        Some(('[', rest)) => match rest.iter().skip(1).position(|c| *c == ']') {
            Some(end) => {
                let (class, after) = (&rest[..=end], &rest[end + 2..]);
                name.split_first().is_some_and(|(first, name)| in_class(class, *first) && fits_from(after, name))
            }
            None => name.split_first().is_some_and(|(first, name)| *first == '[' && fits_from(rest, name)),
        },
        Some((character, rest)) => {
            name.split_first().is_some_and(|(first, after)| first == character && fits_from(rest, after))
        }
    }
}

fn in_class(class: &[char], wanted: char) -> bool {
    let (negated, class) = match class.split_first() {
        Some(('!' | '^', rest)) => (true, rest),
        _ => (false, class),
    };
    let mut found = false;
    let mut at = 0;
    while at < class.len() {
        if class.get(at + 1) == Some(&'-') && at + 2 < class.len() {
            found |= (class[at]..=class[at + 2]).contains(&wanted);
            at += 3;
        } else {
            found |= class[at] == wanted;
            at += 1;
        }
    }
    found != negated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_and_instances_are_taken_apart() {
        assert_eq!(template("getty@tty1.service").as_deref(), Some("getty@.service"));
        assert_eq!((template("getty@.service"), template("ssh.service")), (None, None));
        assert_eq!(instance_of("sshd-keygen@.service", "rsa"), "sshd-keygen@rsa.service");
        assert_eq!(
            filled_in("/etc/ssh/ssh_host_%i_key 100%% %t", "k@rsa.service"),
            "/etc/ssh/ssh_host_rsa_key 100% %t"
        );
    }

    #[test]
    fn drop_ins_go_from_the_special_to_the_general() {
        assert_eq!(drop_in_names("a-b@i.service"), ["a-b@i.service", "a-b@.service", "a-.service", "service"]);
        assert_eq!(drop_in_names("ssh.service"), ["ssh.service", "service"]);
    }

    #[test]
    fn patterns_are_fnmatchs() {
        for (pattern, name, expected) in [
            ("systemd-journal-gatewayd.*", "systemd-journal-gatewayd.socket", true),
            ("*", "ssh.service", true),
            ("ssh.socket", "ssh.service", false),
            ("tty[0-4].*", "tty3.device", true),
            ("tty[!0-4].*", "tty3.device", false),
            ("a?c", "ac", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
