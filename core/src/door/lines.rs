//! Lines out of pieces of bytes. How the bytes were cut makes no difference.

use alloc::vec::Vec;

use super::Violation;

/// Collects bytes until a line is whole. Keeps at most `max` bytes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Lines {
    partial: Vec<u8>,
    /// Longest line, in bytes, without its end.
    max: usize,
    /// The rest of a line that was too long is being skipped.
    skipping: bool,
}

/// What a line turned out to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Line<'a> {
    /// A whole line, without its end.
    Whole(&'a [u8]),
    /// More bytes than a line may have: the line is skipped.
    TooLong,
}

impl Lines {
    /// Lines of at most `max` bytes each.
    #[must_use]
    pub const fn new(max: usize) -> Self {
        Self { partial: Vec::new(), max, skipping: false }
    }

    /// Whether a line was begun and not ended.
    #[must_use]
    pub const fn has_unended(&self) -> bool {
        !self.partial.is_empty()
    }

    /// Takes in bytes and gives each line they complete to `each`.
    ///
    /// # Errors
    /// The first error of `each`; the bytes after it are not looked at.
    pub fn feed(
        &mut self,
        mut bytes: &[u8],
        mut each: impl FnMut(Line<'_>) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
            bytes = rest;
            self.end_line(line, &mut each)?;
            if planted!("a_read_is_a_line") {
                return Ok(());
            }
        }
        if !self.skipping && self.partial.len() + bytes.len() > self.max {
            self.skipping = true;
            self.partial = Vec::new();
            each(Line::TooLong)?;
        }
        if !self.skipping {
            self.partial.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn end_line(
        &mut self,
        line: &[u8],
        each: &mut impl FnMut(Line<'_>) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        if core::mem::take(&mut self.skipping) {
            return Ok(());
        }
        if self.partial.len() + line.len() > self.max {
            self.partial = Vec::new();
            return each(Line::TooLong);
        }
        if self.partial.is_empty() {
            return each(Line::Whole(line));
        }
        self.partial.extend_from_slice(line);
        let whole = core::mem::take(&mut self.partial);
        each(Line::Whole(&whole))
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};
    use alloc::vec;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn lines(pieces: &[&[u8]], max: usize) -> Vec<String> {
        let mut lines = Lines::new(max);
        let mut found = vec![];
        for piece in pieces {
            let each = |line: Line<'_>| {
                found.push(match line {
                    Line::Whole(bytes) => String::from_utf8_lossy(bytes).to_string(),
                    Line::TooLong => "(too long)".to_string(),
                });
                Ok(())
            };
            lines.feed(piece, each).unwrap();
            assert!(lines.partial.len() <= max);
        }
        found
    }

    #[test]
    fn a_line_that_is_too_long_is_reported_once_and_the_next_is_read() {
        assert_eq!(lines(&[b"abcd\nabcde", b"fgh", b"\nab", b"c\n\n"], 4), ["abcd", "(too long)", "abc", ""]);
    }

    proptest! {
        #[test]
        fn how_the_bytes_were_cut_makes_no_difference(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'a'), any::<u8>()], 0..60),
            cuts in proptest::collection::vec(0usize..60, 0..6),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).chain([0, bytes.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect();
            prop_assert_eq!(lines(&pieces, 8), lines(&[&bytes], 8));
        }
    }
}
