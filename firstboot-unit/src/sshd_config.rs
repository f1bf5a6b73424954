//! What sshd's configuration says of host keys. Text in, values out; [`crate::items`] reads the files.

use std::path::{Path, PathBuf};

/// What one configuration file says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct HostKeyLines {
    /// `HostKey` paths.
    pub keys: Vec<PathBuf>,
    /// `HostCertificate` paths.
    pub certificates: Vec<PathBuf>,
    /// `Include` patterns, absolute.
    pub includes: Vec<String>,
}

/// Reads the lines before the first `Match`: none of the three keywords may stand in a `Match` block for host keys.
pub fn host_key_lines(text: &str) -> HostKeyLines {
    let mut lines = HostKeyLines::default();
    for (keyword, arguments) in text.lines().filter_map(directive) {
        match keyword.as_str() {
            "match" => break,
            "hostkey" => lines.keys.extend(arguments.first().and_then(|path| absolute(path))),
            "hostcertificate" => lines.certificates.extend(arguments.first().and_then(|path| absolute(path))),
            // sshd_config(5): a relative pattern is below /etc/ssh.
            "include" => lines.includes.extend(
                arguments
                    .into_iter()
                    .map(|pattern| if pattern.starts_with('/') { pattern } else { format!("/etc/ssh/{pattern}") }),
            ),
            _ => {}
        }
    }
    lines
}

fn absolute(path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    path.is_absolute().then(|| path.to_owned())
}

/// Keyword in lower case and arguments; `None` for blank lines and comments.
fn directive(line: &str) -> Option<(String, Vec<String>)> {
    let line = line.trim();
    let end = line.find(|c: char| c.is_whitespace() || c == '=' || c == '"').unwrap_or(line.len());
    let (keyword, rest) = line.split_at(end);
    if keyword.is_empty() || keyword.starts_with('#') {
        return None;
    }
    let rest = rest.trim_start().strip_prefix('=').unwrap_or(rest);
    Some((keyword.to_ascii_lowercase(), words(rest)))
}

/// Splits arguments at white space outside double quotes; `#` starts a comment where a word would start.
fn words(mut rest: &str) -> Vec<String> {
    let mut words = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() || rest.starts_with('#') {
            return words;
        }
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        words.push(word.to_owned());
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_host_key_is_found() {
        let text = "# HostKey /no\n  #HostKey /no\nHostKey /a\nhostkey=/b\nHOSTKEY = \"/c d\" # note\n\tHostKey\t/e\nHostKey relative\n";
        let keys: Vec<_> = host_key_lines(text).keys;
        assert_eq!(keys, ["/a", "/b", "/c d", "/e"].map(PathBuf::from));
    }

    #[test]
    fn includes_are_absolute_and_certificates_known() {
        let lines = host_key_lines("Include sshd_config.d/*.conf /etc/more/*\nHostCertificate /etc/ssh/x-cert.pub\n");
        assert_eq!(lines.includes, ["/etc/ssh/sshd_config.d/*.conf", "/etc/more/*"]);
        assert_eq!(lines.certificates, [PathBuf::from("/etc/ssh/x-cert.pub")]);
    }

    #[test]
    fn match_ends_the_global_part() {
        assert_eq!(host_key_lines("Match User x\nHostKey /a\n"), HostKeyLines::default());
    }
}
