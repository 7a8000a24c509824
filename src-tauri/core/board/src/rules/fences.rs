//! Code in fences: Kanbus refuses a text whose JSON, YAML or Gherkin cannot be read.
//!
//! Not here: diagrams (`mermaid`, `plantuml`, `d2`), which Kanbus has checked by programs that may be installed.

use serde::de::IgnoredAny;
use serde_json::Value;

use super::refusal::Refusal;

/// Refuses `text` for the first of its fences that cannot be read.
pub(super) fn check(text: &str) -> Result<(), Refusal> {
    let mut open: Option<(usize, &str, Vec<&str>)> = None;
    for (at, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        match &mut open {
            None => open = trimmed.strip_prefix("```").map(|language| (at + 1, language.trim(), Vec::new())),
            Some(_) if trimmed == "```" => {
                if let Some((line, language, content)) = open.take() {
                    block(line, language, &content.join("\n"))?;
                }
            }
            Some((_, _, content)) => content.push(line),
        }
    }
    Ok(())
}

fn block(line: usize, language: &str, content: &str) -> Result<(), Refusal> {
    let (kind, fault) = match language {
        "json" => ("json", serde_json::from_str::<Value>(content).err().map(|error| error.to_string())),
        "yaml" | "yml" => {
            let fault = serde_saphyr::from_str::<IgnoredAny>(content).err();
            ("yaml", fault.map(|error| error.without_snippet().to_string()))
        }
        "gherkin" | "feature" => ("gherkin", gherkin(content).map(str::to_owned)),
        _ => return Ok(()),
    };
    match fault {
        None => Ok(()),
        Some(fault) => Err(Refusal::invalid(format!("invalid {kind} in code block at line {line}: {fault}"))
            .hint("Mend the code, or leave out the language after the three backticks.")),
    }
}

fn gherkin(content: &str) -> Option<&'static str> {
    let has = |word: &str| content.lines().any(|line| line.trim().starts_with(word));
    if content.trim().is_empty() {
        Some("empty content")
    } else if !has("Feature:") {
        Some("expected Feature keyword")
    } else if !has("Scenario:") && !has("Scenario Outline:") {
        Some("expected at least one Scenario")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn code_that_cannot_be_read_is_refused_where_it_stands() {
        let message = |text: &str| check(text).err().map(|refusal| refusal.message);
        for good in [
            "none",
            "```json\n{\"a\": 1}\n```",
            "```yaml\na: [1]\n1: x\n```",
            "```rust\n{\n```",
            "```json\n{ left open",
            "```gherkin\nFeature: x\n  Scenario: y\n```",
        ] {
            assert_eq!(message(good), None, "{good}");
        }
        let json = message("a\n\n  ```json\n{\n  ```\n").unwrap();
        assert!(json.starts_with("invalid json in code block at line 3: EOF while parsing"), "{json}");
        assert!(message("```yml\na: [1\n```").unwrap().starts_with("invalid yaml in code block at line 1: "));
        for (content, fault) in [
            ("", "empty content"),
            ("x\n", "expected Feature keyword"),
            ("Feature: x\n", "expected at least one Scenario"),
        ] {
            let expected = format!("invalid gherkin in code block at line 1: {fault}");
            assert_eq!(message(&format!("```feature\n{content}```")), Some(expected));
        }
    }
}
