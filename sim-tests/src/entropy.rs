//! Finite randomness. A draw is a hash of (seed, stream, counter) and of nothing else, so that taking a fault or a deed
//! out of a plan leaves every other draw as it was. Integers only.

/// What every draw of a run derives from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entropy {
    seed: u64,
}

/// Draws one after another from one stream.
#[derive(Clone, Debug)]
pub struct Stream {
    entropy: Entropy,
    stream: u64,
    counter: u64,
}

impl Entropy {
    /// Of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// 64 bits: the same for the same stream and counter.
    #[must_use]
    pub const fn draw(self, stream: u64, counter: u64) -> u64 {
        mix(mix(mix(self.seed) ^ stream) ^ counter)
    }

    /// A number below `end`; 0 if there is none.
    #[must_use]
    pub const fn below(self, stream: u64, counter: u64, end: u64) -> u64 {
        if end == 0 { 0 } else { self.draw(stream, counter) % end }
    }

    /// 128 bits.
    #[must_use]
    pub fn bytes(self, stream: u64, counter: u64) -> [u8; 16] {
        let high = u128::from(self.draw(stream, counter)) << 64;
        (high | u128::from(self.draw(mix(stream), counter))).to_be_bytes()
    }

    /// The draws of one stream, in order.
    #[must_use]
    pub const fn stream(self, stream: u64) -> Stream {
        Stream { entropy: self, stream, counter: 0 }
    }
}

impl Stream {
    /// The next 64 bits.
    pub const fn draw(&mut self) -> u64 {
        self.counter += 1;
        self.entropy.draw(self.stream, self.counter)
    }

    /// The next number below `end`; 0 if there is none.
    pub const fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.draw() % end }
    }

    /// The next number from `first` to `last`, both included.
    pub const fn range(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    /// True so many times out of a hundred.
    pub const fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let count = u64::try_from(choices.len()).expect("a list fits in memory");
        &choices[usize::try_from(self.below(count)).expect("an index fits in memory")]
    }
}

/// A stream's name made of a kind and two numbers.
#[must_use]
pub const fn stream_of(kind: u64, first: u64, second: u64) -> u64 {
    mix(kind ^ mix(first ^ mix(second)))
}

/// SplitMix64: one step and its finaliser.
#[must_use]
pub const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// A digest of bytes: for comparing, not for keeping.
#[must_use]
pub fn digest(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let sum = words.iter().fold(bytes.len() as u64, |sum, word| mix(sum ^ u64::from_le_bytes(*word)));
    rest.iter().fold(sum, |sum, byte| mix(sum ^ u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_seed_stream_and_counter_alone() {
        let entropy = Entropy::new(7);
        assert_eq!(entropy.draw(1, 2), Entropy::new(7).draw(1, 2));
        assert_ne!(entropy.draw(1, 2), entropy.draw(2, 1));
        assert_ne!(entropy.draw(1, 2), Entropy::new(8).draw(1, 2));
        assert_eq!(entropy.stream(1).draw(), entropy.draw(1, 1));
    }

    #[test]
    fn every_number_below_the_end_is_drawn() {
        let mut stream = Entropy::new(1).stream(1);
        let drawn: std::collections::BTreeSet<u64> = (0..100).map(|_| stream.range(3, 7)).collect();
        assert_eq!(drawn, (3..=7).collect());
        assert_eq!(stream.below(0), 0);
    }
}
