//! JSON with blanks. Objects must have exactly the keys that stand here, in any order.
//!
//! | written | means |
//! |---|---|
//! | `"{int}"`, `"{number}"`, `"{string}"`, `"{any}"` as a whole string | a value of that type |
//! | blanks inside a string | see [`super::text`] |
//! | `"key?": …` | the key may be missing |
//! | `"...": 0` | other keys may stand beside these |
//! | `["{each}", P]` | at least one element, and each fits P |
//! | `["{unordered}", P, …]` | the same elements in any order |
//! | `["{some}", P, …]` | these are among the elements |

use serde_json::{Map, Value};

use super::text::{Captures, TextPattern};

/// How an answer differs from what was expected, one line per place.
pub(crate) type Differences = Vec<String>;

/// Compares; what was kept is added to `captures` even where other places differ.
pub(crate) fn compare(expected: &Value, actual: &Value, captures: &mut Captures) -> Differences {
    let mut differences = Vec::new();
    Walk { captures, differences: &mut differences }.value("", expected, actual);
    differences
}

struct Walk<'a> {
    captures: &'a mut Captures,
    differences: &'a mut Differences,
}

impl Walk<'_> {
    fn value(&mut self, place: &str, expected: &Value, actual: &Value) {
        match (expected, actual) {
            (Value::Object(expected), Value::Object(actual)) => self.object(place, expected, actual),
            (Value::Array(expected), Value::Array(actual)) => self.array(place, expected, actual),
            (Value::String(text), _) if typed(text).is_some() => self.typed(place, text, actual),
            (Value::String(text), Value::String(actual)) => self.text(place, text, actual),
            _ if expected == actual => (),
            _ => self.differ(place, expected, actual),
        }
    }

    fn differ(&mut self, place: &str, expected: &Value, actual: &Value) {
        self.differences.push(format!("{}: expected {expected}, got {actual}", shown(place)));
    }

    fn typed(&mut self, place: &str, text: &str, actual: &Value) {
        let (kind, kept) = typed(text).unwrap_or_default();
        let fits = match kind {
            "int" => actual.is_i64() || actual.is_u64(),
            "number" => actual.is_number(),
            "string" => actual.is_string(),
            _ => true,
        };
        if !fits {
            return self.differ(place, &Value::from(text), actual);
        }
        if !kept.is_empty() {
            let value = actual.as_str().map_or_else(|| actual.to_string(), str::to_owned);
            self.captures.insert(kept.to_owned(), value);
        }
    }

    fn text(&mut self, place: &str, expected: &str, actual: &str) {
        match TextPattern::read(expected) {
            Ok(pattern) => match pattern.fit(actual) {
                Some(kept) => self.captures.extend(kept),
                None => self.differ(place, &Value::from(expected), &Value::from(actual)),
            },
            Err(error) => self.differences.push(format!("{}: {error}", shown(place))),
        }
    }

    fn object(&mut self, place: &str, expected: &Map<String, Value>, actual: &Map<String, Value>) {
        let open = expected.contains_key("...");
        for (key, value) in expected.iter().filter(|(key, _)| *key != "...") {
            let name = key.strip_suffix('?').unwrap_or(key);
            let inner = format!("{place}.{name}");
            match actual.get(name) {
                Some(actual) => self.value(&inner, value, actual),
                None if name == key => {
                    self.differences.push(format!("{}: expected {value}, is missing", shown(&inner)));
                }
                None => (),
            }
        }
        let named = |key: &str| expected.contains_key(key) || expected.contains_key(&format!("{key}?"));
        for (key, value) in actual.iter().filter(|(key, _)| !open && !named(key)) {
            self.differences.push(format!("{place}.{key}: expected none, got {value}"));
        }
    }

    fn array(&mut self, place: &str, expected: &[Value], actual: &[Value]) {
        match expected.split_first() {
            Some((Value::String(form), rest)) if form == "{each}" => self.each(place, rest, actual),
            Some((Value::String(form), rest)) if form == "{unordered}" => self.unordered(place, rest, actual, false),
            Some((Value::String(form), rest)) if form == "{some}" => self.unordered(place, rest, actual, true),
            _ => self.ordered(place, expected, actual),
        }
    }

    fn ordered(&mut self, place: &str, expected: &[Value], actual: &[Value]) {
        if expected.len() != actual.len() {
            let (want, got) = (expected.len(), actual.len());
            self.differences.push(format!("{}: expected {want} elements, got {got}: {actual:?}", shown(place)));
            return;
        }
        for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
            self.value(&format!("{place}[{index}]"), expected, actual);
        }
    }

    fn each(&mut self, place: &str, expected: &[Value], actual: &[Value]) {
        if actual.is_empty() {
            self.differences.push(format!("{}: expected at least one element, got none", shown(place)));
        }
        for pattern in expected {
            for (index, actual) in actual.iter().enumerate() {
                self.value(&format!("{place}[{index}]"), pattern, actual);
            }
        }
    }

    /// No element fits: tells how the nearest one differs, and takes it.
    fn missing(&mut self, place: &str, pattern: &Value, left: &mut Vec<&Value>) {
        let differences = |actual: &Value| compare(pattern, actual, &mut Captures::new());
        let judged = left.iter().enumerate().map(|(index, actual)| (index, differences(actual)));
        let nearest = judged.min_by_key(|(_, differences)| differences.len());
        self.differences.push(format!("{}: expected an element {pattern}; the nearest differs:", shown(place)));
        if let Some((index, differences)) = nearest {
            left.remove(index);
            self.differences.extend(differences);
        }
    }

    fn unordered(&mut self, place: &str, expected: &[Value], actual: &[Value], others: bool) {
        let mut left: Vec<&Value> = actual.iter().collect();
        let mut missing = Vec::new();
        for pattern in expected {
            let fits = left.iter().position(|actual| compare(pattern, actual, &mut Captures::new()).is_empty());
            match fits {
                Some(index) => self.value(place, pattern, left.remove(index)),
                None => missing.push(pattern),
            }
        }
        for pattern in missing {
            self.missing(place, pattern, &mut left);
        }
        for actual in left.into_iter().filter(|_| !others) {
            self.differences.push(format!("{}: expected no element {actual}", shown(place)));
        }
    }
}

/// `{int}` or `{int>kept}` as a whole string: the type and what the value is kept as.
fn typed(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let (kind, kept) = inner.split_once('>').unwrap_or((inner, ""));
    matches!(kind, "int" | "number" | "string" | "any").then_some((kind, kept))
}

fn shown(place: &str) -> &str {
    if place.is_empty() { "the value" } else { place }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "literals read better without a `&` each")]
    fn fits(expected: Value, actual: Value) -> bool {
        compare(&expected, &actual, &mut Captures::new()).is_empty()
    }

    #[test]
    fn objects_have_exactly_these_keys_and_types() {
        assert!(fits(json!({"a": 1, "b": "x"}), json!({"b": "x", "a": 1})));
        assert!(!fits(json!({"a": 1}), json!({"a": "1"})));
        assert!(!fits(json!({"a": "{int}"}), json!({"a": "1"})));
        assert!(!fits(json!({"a": 1}), json!({"a": 1, "b": 2})));
        assert!(!fits(json!({"a": 1, "b": 2}), json!({"a": 1})));
        assert!(fits(json!({"a": 1, "b?": 2}), json!({"a": 1})));
        assert!(!fits(json!({"a": 1, "b?": 2}), json!({"a": 1, "b": 3})));
        assert!(fits(json!({"a": 1, "...": 0}), json!({"a": 1, "b": 2})));
    }

    #[test]
    fn lists_are_compared_as_they_say() {
        assert!(!fits(json!([1, 2]), json!([2, 1])));
        assert!(fits(json!(["{unordered}", 1, 2]), json!([2, 1])));
        assert!(!fits(json!(["{unordered}", 1]), json!([2, 1])));
        assert!(fits(json!(["{some}", 1]), json!([2, 1])));
        assert!(!fits(json!(["{some}", 3]), json!([2, 1])));
        assert!(!fits(json!(["{each}", "{int}"]), json!([2, "x"])));
        assert!(!fits(json!(["{each}", "{int}"]), json!([])));
    }

    #[test]
    fn what_is_kept_comes_back() {
        let mut captures = Captures::new();
        let expected = json!({"id": "{int>id}", "net0": "hwaddr={mac>mac1}"});
        let actual = json!({"id": 7, "net0": "hwaddr=BC:24:11:00:00:01"});
        assert!(compare(&expected, &actual, &mut captures).is_empty());
        assert_eq!((captures["id"].as_str(), captures["mac1"].as_str()), ("7", "BC:24:11:00:00:01"));
    }
}
