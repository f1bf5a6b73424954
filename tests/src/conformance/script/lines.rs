//! A scenario's text as statements: a line at the margin and the indented lines below it.

/// A line at the margin with what is indented below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block<'a> {
    /// Where the head stands, from 1.
    pub(super) line: usize,
    pub(super) head: &'a str,
    /// Without their indentation of four blanks.
    pub(super) body: Vec<&'a str>,
}

/// How far a body is indented.
const INDENT: &str = "    ";

/// The blocks of a text, without comments (`#` at the margin) and empty lines.
pub(super) fn blocks(text: &str) -> Result<Vec<Block<'_>>, usize> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        match (line.strip_prefix(INDENT), blocks.last_mut()) {
            _ if line.trim().is_empty() || line.starts_with('#') => (),
            (Some(inner), Some(block)) => block.body.push(inner),
            (Some(_), None) => return Err(number),
            (None, _) if line.starts_with(' ') => return Err(number),
            (None, _) => blocks.push(Block { line: number, head: line.trim_end(), body: Vec::new() }),
        }
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_belong_to_the_head_above_and_comments_to_nobody() {
        let text = "= Title\n# note\n\nPUT /x\n    a=1\n\n    b=2\n=> 200\n";
        let blocks = blocks(text).unwrap();
        let heads: Vec<_> = blocks.iter().map(|block| (block.line, block.head, block.body.as_slice())).collect();
        assert_eq!(heads, [(1, "= Title", &[][..]), (4, "PUT /x", &["a=1", "b=2"][..]), (8, "=> 200", &[][..])]);
        assert_eq!(super::blocks("    x"), Err(1));
        assert_eq!(super::blocks("= T\n  x"), Err(2));
    }
}
