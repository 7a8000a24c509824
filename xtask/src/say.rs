//! The one place that prints.
//!
//! Not here: what the started programs print; they write to the terminal themselves.
//!
//! Invariant: all goes to standard output, so that what we say and what the programs say keep their order.

use std::time::Duration;

/// A step begins.
pub(crate) fn step(name: &str) {
    println!("\n── {name}");
}

/// Something worth knowing on the way.
pub(crate) fn note(text: &str) {
    println!("   {text}");
}

/// A line as it is, for lists and tables.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// A duration as a person reads it.
pub(crate) fn duration(took: Duration) -> String {
    let seconds = took.as_secs();
    if seconds >= 60 {
        format!("{}m {:02}s", seconds / 60, seconds % 60)
    } else {
        format!("{:.1}s", took.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_like_a_clock() {
        assert_eq!(duration(Duration::from_millis(1_240)), "1.2s");
        assert_eq!(duration(Duration::from_secs(61)), "1m 01s");
    }
}
