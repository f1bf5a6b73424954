//! How a command prints its result: as a table, as JSON, as YAML, as the caller likes. Pure but for a look at the terminal.

use std::collections::{BTreeMap, BTreeSet};

use pve_wire::api::ParamErrors;
use serde_json::Value;

use super::render;
use super::table::{Column, Frame, Look, draw};

/// The form that a caller asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Json,
    JsonPretty,
    Yaml,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// Text, cut after so many characters (0: never).
    Text(usize),
    /// A number: to the right.
    Number,
    /// 0 or 1.
    Boolean,
    /// A number of bytes.
    Bytes,
    /// A number of seconds.
    Duration,
    /// Seconds since 1970.
    Time,
    /// A share of one.
    Share,
}

/// A field of a result: its name, what it holds, what stands above it when it is not its name.
pub(super) type Field = (&'static str, Cell, Option<&'static str>);

/// What a command's result is. Without fields, those of the result itself are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing, whatever comes back.
    Nothing,
    /// One text or number.
    Scalar,
    /// A list of texts or numbers.
    Scalars,
    /// One object: a table of keys and values.
    Object(&'static [Field]),
    /// A list of objects: a row each, sorted by the first field.
    List(&'static [Field]),
}

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Output {
    format: Format,
    quiet: bool,
    /// Whether numbers are shown as people like them.
    human: bool,
    look: Look,
}

/// The options that say how.
pub(super) const OPTIONS: &[&str] = &["output-format", "noheader", "noborder", "quiet", "human-readable"];

/// Those of them that may stand without a value.
pub(super) const SWITCHES: &[&str] = &["noheader", "noborder", "quiet", "human-readable"];

impl Output {
    /// Reads the options that concern the output.
    pub(super) fn take(mut named: BTreeMap<String, String>) -> Result<Self, ParamErrors> {
        let format = match named.remove("output-format").as_deref() {
            None | Some("text") => Format::Text,
            Some("json") => Format::Json,
            Some("json-pretty") => Format::JsonPretty,
            Some("yaml") => Format::Yaml,
            Some(other) => {
                let why =
                    format!("value '{other}' does not have a value in the enumeration 'text, json, json-pretty, yaml'");
                return Err(ParamErrors::from([("output-format".to_owned(), why)]));
            }
        };
        let mut flag = |name: &str| named.remove(name).is_some_and(|value| value == "1");
        let frame = if flag("noborder") { Frame::None } else { frame_of_terminal() };
        let look = Look { frame, header: !flag("noheader"), width: width_of_terminal() };
        let quiet = flag("quiet");
        let human = named.get("human-readable").is_none_or(|value| value != "0");
        Ok(Self { format, quiet, human, look })
    }

    /// The same without frame, titles and cut lines.
    pub(super) fn plain(self) -> Self {
        Self { look: Look { frame: Frame::None, header: false, width: self.look.width }, ..self }
    }

    /// Whether text is wanted, not data.
    pub(super) fn is_text(&self) -> bool {
        self.format == Format::Text
    }

    /// The text to print.
    pub(super) fn render(&self, data: &Value, shape: Shape) -> String {
        if self.quiet || shape == Shape::Nothing {
            return String::new();
        }
        match self.format {
            Format::Json => format!("{data}\n"),
            Format::JsonPretty => format!("{}\n", pretty(data, 0)),
            Format::Yaml => format!("---\n{}", yaml(data)),
            Format::Text => self.text(data, shape),
        }
    }

    fn text(&self, data: &Value, shape: Shape) -> String {
        match (shape, data) {
            (Shape::Object(fields), Value::Object(object)) => {
                let row = |(name, cell): (&str, Cell)| match object.get(name) {
                    None | Some(Value::Null) => None,
                    Some(value) => Some(vec![name.to_owned(), self.shown(value, cell)]),
                };
                let rows: Vec<Vec<String>> = keys(fields, object).into_iter().filter_map(row).collect();
                draw(&[column("key", Cell::Text(0)), column("value", Cell::Text(0))], &rows, self.look)
            }
            (Shape::List(_) | Shape::Scalars, Value::Array(list)) if list.is_empty() => String::new(),
            (Shape::List(fields), Value::Array(list)) => self.list(list, fields),
            (Shape::Scalars, Value::Array(list)) => {
                let rows: Vec<Vec<String>> = list.iter().map(|value| vec![shown(value, Cell::Text(0))]).collect();
                draw(&[column("value", Cell::Text(0))], &rows, Look { header: false, ..self.look })
            }
            (_, value) => format!("{}\n", shown(value, Cell::Text(0))),
        }
    }

    fn shown(&self, value: &Value, cell: Cell) -> String {
        shown(value, if self.human { cell } else { Cell::Text(0) })
    }

    fn list(&self, list: &[Value], fields: &[Field]) -> String {
        let found: BTreeSet<&String> = list.iter().filter_map(Value::as_object).flat_map(|row| row.keys()).collect();
        let all: Vec<(&str, Cell, &str)> = match fields {
            [] => found.into_iter().map(|name| (name.as_str(), Cell::Text(0), name.as_str())).collect(),
            fields => fields.iter().map(|(name, cell, title)| (*name, *cell, title.unwrap_or(name))).collect(),
        };
        let columns: Vec<Column> = all.iter().map(|(_, cell, title)| column(title, *cell)).collect();
        let row = |value: &Value| -> Vec<String> {
            all.iter()
                .map(|(name, cell, _)| value.get(name).map_or_else(String::new, |v| self.shown(v, *cell)))
                .collect()
        };
        let mut rows: Vec<Vec<String>> = list.iter().map(row).collect();
        match all.first() {
            Some((_, Cell::Number, _)) => rows.sort_by_key(|row| row[0].parse::<i64>().unwrap_or(i64::MIN)),
            _ => rows.sort_by(|a, b| a.first().cmp(&b.first())),
        }
        draw(&columns, &rows, self.look)
    }
}

/// The keys of an object in the order of its fields; `net[n]` stands for all of its family. Without fields, all keys.
fn keys<'a>(fields: &'static [Field], object: &'a serde_json::Map<String, Value>) -> Vec<(&'a str, Cell)> {
    if fields.is_empty() {
        return object.keys().map(|key| (key.as_str(), Cell::Text(0))).collect();
    }
    let of = |(name, cell, _): &Field| {
        let family = name.strip_suffix("[n]");
        let (name, cell) = (*name, *cell);
        let is_member = move |key: &str| {
            let number = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
            family.map_or(key == name, |family| key.strip_prefix(family).is_some_and(number))
        };
        object.keys().filter(move |key| is_member(key)).map(move |key| (key.as_str(), cell))
    };
    fields.iter().flat_map(of).collect()
}

fn column(title: &str, cell: Cell) -> Column {
    let most = match cell {
        Cell::Text(most @ 1..) => Some(most),
        _ => None,
    };
    Column { title: title.to_owned(), right: !matches!(cell, Cell::Text(_) | Cell::Boolean), most }
}

fn shown(value: &Value, cell: Cell) -> String {
    match (value, cell) {
        (Value::Null, _) => String::new(),
        (value, Cell::Boolean) => {
            let no =
                value == &Value::Bool(false) || value.as_i64() == Some(0) || matches!(value.as_str(), Some("0" | ""));
            u8::from(!no).to_string()
        }
        (value, Cell::Bytes) => number(value).map_or_else(|| plain(value), render::bytes),
        (value, Cell::Share) => number(value).map_or_else(|| plain(value), render::share),
        (value, Cell::Duration) => value.as_u64().map_or_else(|| plain(value), render::duration),
        (value, Cell::Time) => value.as_i64().map_or_else(|| plain(value), render::time),
        (value, _) => plain(value),
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Three blanks per level and ` : ` between key and value, as Perl's JSON has it.
fn pretty(value: &Value, level: usize) -> String {
    let (inner, outer) = ("   ".repeat(level + 1), "   ".repeat(level));
    let within = |open: char, lines: Vec<String>, close: char| {
        if lines.is_empty() {
            return format!("{open}{close}");
        }
        format!("{open}\n{inner}{}\n{outer}{close}", lines.join(&format!(",\n{inner}")))
    };
    match value {
        Value::Array(list) => within('[', list.iter().map(|item| pretty(item, level + 1)).collect(), ']'),
        Value::Object(object) => {
            let line =
                |(key, item): (&String, &Value)| format!("{} : {}", Value::from(key.as_str()), pretty(item, level + 1));
            within('{', object.iter().map(line).collect(), '}')
        }
        scalar => scalar.to_string(),
    }
}

fn yaml(value: &Value) -> String {
    serde_saphyr::to_string(value).unwrap_or_else(|_| value.to_string())
}

/// Boxes take a character set that has them.
fn frame_of_terminal() -> Frame {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let unicode = set.is_none_or(|set| set.to_ascii_uppercase().replace('-', "").contains("UTF8"));
    if unicode { Frame::Boxes } else { Frame::Ascii }
}

/// Lines are cut where they go to a terminal.
fn width_of_terminal() -> Option<usize> {
    use std::io::IsTerminal;
    let out = std::io::stdout();
    let size = out.is_terminal().then(|| rustix::termios::tcgetwinsize(&out).ok()).flatten()?;
    Some(usize::from(size.ws_col)).filter(|width| *width > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn output(format: Format) -> Output {
        Output { format, quiet: false, human: true, look: Look { frame: Frame::Boxes, header: true, width: None } }
    }

    const FIELDS: &[Field] =
        &[("userid", Cell::Text(64), None), ("enable", Cell::Boolean, None), ("expire", Cell::Number, None)];

    #[test]
    fn lists_are_sorted_tables() {
        let data = json!([{"userid": "root@pam", "enable": 1}, {"userid": "ci@pve", "enable": 0, "expire": 7}]);
        let expected = "\
┌──────────┬────────┬────────┐
│ userid   │ enable │ expire │
╞══════════╪════════╪════════╡
│ ci@pve   │ 0      │      7 │
├──────────┼────────┼────────┤
│ root@pam │ 1      │        │
└──────────┴────────┴────────┘
";
        assert_eq!(output(Format::Text).render(&data, Shape::List(FIELDS)), expected);
        assert_eq!(output(Format::Text).render(&json!([]), Shape::List(FIELDS)), "");
    }

    #[test]
    fn objects_are_tables_of_keys_and_values() {
        let data = json!({"privsep": "1", "expire": "1000000000", "gone": null});
        let text = output(Format::Text).render(&data, Shape::Object(&[]));
        assert!(text.contains("│ expire  │ 1000000000 │") && !text.contains("gone"), "{text}");
        assert!(!output(Format::Text).render(&data, Shape::Object(&FIELDS[1..])).contains("privsep"));
    }

    #[test]
    fn json_is_written_as_perl_writes_it() {
        let data = json!({"b": [1, "x"], "a": {}});
        assert_eq!(output(Format::Json).render(&data, Shape::Object(&[])), "{\"a\":{},\"b\":[1,\"x\"]}\n");
        let pretty = "{\n   \"a\" : {},\n   \"b\" : [\n      1,\n      \"x\"\n   ]\n}\n";
        assert_eq!(output(Format::JsonPretty).render(&data, Shape::Object(&[])), pretty);
    }

    #[test]
    fn yaml_has_its_marker() {
        let data = json!([{"comment": "a: b", "enable": 1, "expire": "1"}]);
        let text = output(Format::Yaml).render(&data, Shape::List(FIELDS));
        assert_eq!(text, "---\n- comment: \"a: b\"\n  enable: 1\n  expire: \"1\"\n");
    }

    #[test]
    fn the_options_are_checked() {
        let given = [("output-format", "json"), ("quiet", "0")];
        let named = given.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        assert_eq!(Output::take(named).unwrap().format, Format::Json);
        let named = BTreeMap::from([("output-format".to_owned(), "xml".to_owned())]);
        assert!(Output::take(named).unwrap_err()["output-format"].contains("enumeration"));
    }
}
