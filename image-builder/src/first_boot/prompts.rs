//! What systemd-firstboot asks on the console, where nobody sits: the boot waits for ever.

use super::facts::Open;
use super::unit::Unit;

/// The questions of the wizard's unit that its guest's files leave open (systemd-firstboot(1)).
pub(super) fn prompts(unit: &Unit, open: &[Open]) -> Vec<String> {
    let words = || unit.programs.iter().flat_map(|program| program.split_whitespace());
    let asks = |switch: &str| words().any(|word| word == switch || word == "--prompt");
    let questions = open.iter().map(|open| match open {
        Open::Locale => ("--prompt-locale", "locale: /etc/locale.conf is missing"),
        Open::Keymap => ("--prompt-keymap", "keymap: /etc/vconsole.conf is missing"),
        Open::Timezone => ("--prompt-timezone", "timezone: /etc/localtime is missing"),
        Open::RootPassword => ("--prompt-root-password", "root's password: /etc/shadow has none"),
    });
    questions.filter(|(switch, _)| asks(switch)).map(|(_, text)| text.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_open_and_asked_for_is_asked() {
        let unit = |programs: &str| Unit::new("f.service", [&*format!("[Service]\nExecStart={programs}\n")]);
        let some = unit("systemd-firstboot --prompt-locale --prompt-timezone");
        assert_eq!(prompts(&some, &[Open::Timezone, Open::Keymap]), ["timezone: /etc/localtime is missing"]);
        assert_eq!(prompts(&unit("/usr/bin/systemd-firstboot --prompt"), &[Open::Locale, Open::RootPassword]).len(), 2);
        assert_eq!(prompts(&unit("systemd-firstboot"), &[Open::Timezone]), Vec::<String>::new());
    }
}
