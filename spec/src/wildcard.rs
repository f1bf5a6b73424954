//! `*` and `?` in names, as places of the catalog, rules of minimizing and keys of files are written with.

/// Whether a name fits one component of a pattern: `*` is any bytes, leading dots too, `?` is one.
pub fn fits(pattern: &[u8], name: &[u8]) -> bool {
    // The last star takes as much as needed: one step back is enough, whatever the pattern.
    let (mut p, mut n) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                back = Some((p + 1, n));
                p += 1;
            }
            Some(byte) if *byte == b'?' || *byte == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match back {
                Some((after, taken)) => {
                    back = Some((after, taken + 1));
                    p = after;
                    n = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_stay_inside_a_component() {
        for (pattern, name, expected) in [
            ("ssh_host_*", "ssh_host_rsa_key.pub", true),
            ("ssh_host_*", "ssh_hos", false),
            ("*", ".hidden", true),
            ("*.dpkg-old", "hosts.dpkg-old", true),
            ("*~", "x~y", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a*b*c", "aXXbYYc", true),
            ("a*b*c", "aXXbYYcd", false),
            ("a**", "a", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(fits(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
    }
}
