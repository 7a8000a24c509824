//! Lines from a stranger, bounded.
//!
//! Not here: what they say.
//!
//! Invariant: however long a line is, no more than the limit of it is held.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// What is kept of a buffer that one long line has made large.
const KEPT: usize = 64 << 10;

/// Reads lines.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    limit: usize,
    line: Vec<u8>,
    /// How many bytes of a line that is too long have been passed over; 0 where there is none.
    passed: usize,
}

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<'a> {
    /// A line, without its end. The last one needs no end.
    Line(&'a [u8]),
    /// The start of a line that is too long, of which so many bytes were seen. The rest of it is passed over.
    TooLong(usize),
    /// Nothing will come any more.
    End,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(reader: R, limit: usize) -> Self {
        Self { reader: BufReader::with_capacity(16 << 10, reader), limit, line: Vec::new(), passed: 0 }
    }

    /// What the lines came from.
    pub(super) fn into_inner(self) -> R {
        self.reader.into_inner()
    }

    /// What comes next. Once begun it must be waited for, or what has come of the line is lost.
    pub(super) async fn next(&mut self) -> io::Result<Next<'_>> {
        self.line.clear();
        self.line.shrink_to(KEPT);
        loop {
            let chunk = self.reader.fill_buf().await?;
            if chunk.is_empty() {
                let ended = self.passed > 0 || self.line.is_empty();
                return Ok(if ended { Next::End } else { Next::Line(&self.line) });
            }
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let taken = end.unwrap_or(chunk.len());
            let skipping = self.passed > 0;
            let fits = !skipping && self.line.len() + taken <= self.limit;
            if fits {
                self.line.extend_from_slice(&chunk[..taken]);
            } else {
                self.passed = if end.is_some() { 0 } else { self.line.len() + taken };
            }
            let seen = self.line.len() + taken;
            self.reader.consume(taken + usize::from(end.is_some()));
            if !fits && !skipping {
                return Ok(Next::TooLong(seen));
            }
            if fits && end.is_some() {
                return Ok(Next::Line(&self.line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all(input: &str) -> Vec<String> {
        let mut lines = Lines::new(input.as_bytes(), 5);
        let mut said = Vec::new();
        loop {
            match lines.next().await.unwrap() {
                Next::Line(line) => said.push(String::from_utf8_lossy(line).into_owned()),
                Next::TooLong(seen) => said.push(format!("too long: {seen}")),
                Next::End => return said,
            }
        }
    }

    #[tokio::test]
    async fn lines_end_at_the_limit_and_the_rest_of_a_longer_one_is_passed_over() {
        assert_eq!(all("12345\n\nab\nlast").await, ["12345", "", "ab", "last"]);
        assert_eq!(all("123456\nab\n").await, ["too long: 6", "ab"]);
        let huge = format!("{}\nab\n{}", "x".repeat(100_000), "y".repeat(100_000));
        let said = all(&huge).await;
        assert_eq!((said.len(), said[1].as_str()), (3, "ab"), "a line that never ends holds nobody up");
        assert_eq!(all("").await, Vec::<String>::new());
    }
}
