//! Tables as Proxmox's tools draw them: in boxes, in plain ASCII where the terminal knows no better, or bare. Pure.

/// A table's column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// What stands above it.
    pub(super) title: String,
    /// Numbers stand to the right.
    pub(super) right: bool,
    /// The most characters that are shown.
    pub(super) most: Option<usize>,
}

/// What a table is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    /// Box-drawing characters.
    Boxes,
    /// `+`, `-` and `|`.
    Ascii,
    /// Nothing.
    None,
}

/// How a table looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// What it is drawn with.
    pub(super) frame: Frame,
    /// Whether it has a line of titles.
    pub(super) header: bool,
    /// How many characters of a line fit.
    pub(super) width: Option<usize>,
}

/// The table's text. A cell may have several lines.
pub(super) fn draw(columns: &[Column], rows: &[Vec<String>], look: Look) -> String {
    let widths: Vec<usize> = columns.iter().enumerate().map(|(index, column)| width(column, index, rows)).collect();
    let sheet = Sheet { columns, widths: &widths, look };
    let mut lines = Vec::new();
    sheet.rule(Rule::Top, &mut lines);
    if look.header {
        let titles: Vec<&str> = columns.iter().map(|column| column.title.as_str()).collect();
        lines.push(sheet.line(&titles));
    }
    for (index, row) in rows.iter().enumerate() {
        match index {
            0 if look.header => sheet.rule(Rule::Head, &mut lines),
            0 => (),
            _ => sheet.rule(Rule::Between, &mut lines),
        }
        sheet.row(row, &mut lines);
    }
    sheet.rule(Rule::Bottom, &mut lines);
    let cut = |line: String| look.width.map_or(line.clone(), |most| line.chars().take(most).collect());
    lines.into_iter().map(|line| cut(line) + "\n").collect()
}

/// A column is as wide as its widest line, title included, but no wider than its most.
fn width(column: &Column, index: usize, rows: &[Vec<String>]) -> usize {
    let cells = rows.iter().filter_map(|row| row.get(index)).flat_map(|cell| cell.lines());
    let longest = cells.chain([column.title.as_str()]).map(|line| line.chars().count()).max().unwrap_or_default();
    column.most.map_or(longest, |most| most.min(longest))
}

#[derive(Clone, Copy)]
enum Rule {
    Top,
    Head,
    Between,
    Bottom,
}

struct Sheet<'a> {
    columns: &'a [Column],
    widths: &'a [usize],
    look: Look,
}

impl Sheet<'_> {
    fn rule(&self, rule: Rule, lines: &mut Vec<String>) {
        let one = self.columns.len() == 1;
        let (left, dash, cross, right) = match (self.look.frame, rule) {
            (Frame::None, _) => return,
            (Frame::Boxes, Rule::Top) => ("┌", "─", "┬", "┐"),
            (Frame::Boxes, Rule::Head) => ("╞", "═", "╪", "╡"),
            (Frame::Boxes, Rule::Between) => ("├", "─", "┼", "┤"),
            (Frame::Boxes, Rule::Bottom) => ("└", "─", "┴", "┘"),
            // A single column's head rule lacks its end: Proxmox draws it so.
            (Frame::Ascii, Rule::Head) => ("+", "=", "+", if one { "" } else { "+" }),
            (Frame::Ascii, _) => ("+", "-", "+", "+"),
        };
        let cell = |width: &usize| dash.repeat(width + 2);
        lines.push(format!("{left}{}{right}", self.widths.iter().map(cell).collect::<Vec<_>>().join(cross)));
    }

    fn row(&self, row: &[String], lines: &mut Vec<String>) {
        let cells: Vec<Vec<&str>> = row.iter().map(|cell| cell.lines().collect()).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or_default().max(1);
        for index in 0..height {
            let texts: Vec<&str> = cells.iter().map(|cell| cell.get(index).copied().unwrap_or_default()).collect();
            lines.push(self.line(&texts));
        }
    }

    fn line(&self, texts: &[&str]) -> String {
        let last = texts.len().saturating_sub(1);
        let padded = texts.iter().zip(self.columns).zip(self.widths).enumerate();
        let cells = padded.map(|(index, ((text, column), width))| {
            let text: String = text.chars().take(*width).collect();
            match (self.look.frame, column.right) {
                (Frame::None, _) if index == last => text,
                (_, true) => format!("{text:>width$}"),
                (_, false) => format!("{text:<width$}"),
            }
        });
        let cells: Vec<String> = cells.collect();
        match self.look.frame {
            Frame::None => cells.join(" "),
            Frame::Ascii => format!("| {} |", cells.join(" | ")),
            Frame::Boxes => format!("│ {} │", cells.join(" │ ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(title: &str, right: bool) -> Column {
        Column { title: title.to_owned(), right, most: None }
    }

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
    }

    const BOXES: Look = Look { frame: Frame::Boxes, header: true, width: None };

    #[test]
    fn boxes_are_those_that_proxmox_draws() {
        let columns = [column("key", false), column("value", false)];
        let drawn = draw(&columns, &rows(&[&["expire", "1000000000"], &["privsep", "1"]]), BOXES);
        let expected = "\
┌─────────┬────────────┐
│ key     │ value      │
╞═════════╪════════════╡
│ expire  │ 1000000000 │
├─────────┼────────────┤
│ privsep │ 1          │
└─────────┴────────────┘
";
        assert_eq!(drawn, expected);
    }

    #[test]
    fn cells_of_several_lines_numbers_and_limits() {
        let columns =
            [Column { most: Some(4), ..column("path", false) }, column("privileges", false), column("n", true)];
        let drawn = draw(&columns, &rows(&[&["/vms/1", "VM.Audit\nVM.Backup", "7"], &["/", "", "12"]]), BOXES);
        let expected = "\
┌──────┬────────────┬────┐
│ path │ privileges │  n │
╞══════╪════════════╪════╡
│ /vms │ VM.Audit   │  7 │
│      │ VM.Backup  │    │
├──────┼────────────┼────┤
│ /    │            │ 12 │
└──────┴────────────┴────┘
";
        assert_eq!(drawn, expected);
    }

    #[test]
    fn ascii_and_bare_tables() {
        let columns = [column("a", false), column("b", false)];
        let look = Look { frame: Frame::Ascii, header: true, width: None };
        assert_eq!(
            draw(&columns, &rows(&[&["1", "2"]]), look),
            "+---+---+\n| a | b |\n+===+===+\n| 1 | 2 |\n+---+---+\n"
        );
        let bare = Look { frame: Frame::None, header: false, width: None };
        assert_eq!(draw(&columns, &rows(&[&["1", "2"], &["333", "4"]]), bare), "1   2\n333 4\n");
        let narrow = Look { width: Some(3), ..bare };
        assert_eq!(draw(&columns, &rows(&[&["1", "22"]]), narrow), "1 2\n");
        let one = draw(&columns[..1], &rows(&[&["1"]]), look);
        assert_eq!(one, "+---+\n| a |\n+===\n| 1 |\n+---+\n");
    }
}
