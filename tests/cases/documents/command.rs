//! A line of shell taken apart, as far as documentation needs it.

/// The commands of a line, each as its words: without variables and `sudo` before it, redirections and comments.
pub(crate) fn words(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, ';' | '|' | '&') => {
                end(&mut commands, &mut word);
                commands.push(Vec::new());
            }
            (None, _) if character.is_whitespace() => end(&mut commands, &mut word),
            _ => word.get_or_insert_default().push(character),
        }
    }
    end(&mut commands, &mut word);
    commands.into_iter().map(without_frame).filter(|words| !words.is_empty()).collect()
}

fn end(commands: &mut [Vec<String>], word: &mut Option<String>) {
    if let (Some(command), Some(word)) = (commands.last_mut(), word.take()) {
        command.push(word);
    }
}

fn without_frame(words: Vec<String>) -> Vec<String> {
    let frame = |word: &String| word == "sudo" || word.split_once('=').is_some_and(|(name, _)| is_variable(name));
    let command = words.into_iter().skip_while(frame);
    command.take_while(|word| !word.starts_with(['>', '<']) && !word.starts_with("2>")).collect()
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

#[test]
fn lines_are_taken_apart_as_a_shell_does() {
    let commands = |line| words(line).into_iter().map(|words| words.join("|")).collect::<Vec<_>>();
    assert_eq!(commands("A=1 sudo image-builder show 'a b' \"c\" # d"), ["image-builder|show|a b|c"]);
    assert_eq!(commands("make a && make b >/dev/null | cat"), ["make|a", "make|b", "cat"]);
    assert_eq!(commands("# nothing"), Vec::<String>::new());
}
