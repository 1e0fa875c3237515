//! Each different thing once, under a number: equal things have equal numbers, and only they.

use std::hash::{Hash, Hasher};

use crate::entropy::mix;

/// Things of one kind, numbered in the order they were first met. Found by hash, told apart by equality.
#[derive(Debug)]
pub(super) struct Table<T> {
    items: Vec<T>,
    /// Where a thing may be, by its hash: its number, or [`FREE`]. A power of two long, at most half full.
    places: Vec<u32>,
}

const FREE: u32 = u32::MAX;

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { items: Vec::new(), places: vec![FREE; 1 << 10] }
    }
}

impl<T: Eq + Hash> Table<T> {
    /// The number of a thing, and whether it is new.
    pub(super) fn number(&mut self, item: T) -> (u32, bool) {
        let place = self.place(&item);
        if self.places[place] != FREE {
            return (self.places[place], false);
        }
        let number = u32::try_from(self.items.len()).expect("there are fewer than four billion of them");
        self.places[place] = number;
        self.items.push(item);
        if self.items.len() * 2 > self.places.len() {
            self.grow();
        }
        (number, true)
    }

    /// The number of a thing, if it was met.
    pub(super) fn find(&self, item: &T) -> Option<u32> {
        Some(self.places[self.place(item)]).filter(|number| *number != FREE)
    }

    /// The thing under a number.
    pub(super) fn get(&self, number: u32) -> &T {
        &self.items[number as usize]
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.items.len()
    }

    fn place(&self, item: &T) -> usize {
        let mut place = self.first_place(item);
        while self.places[place] != FREE && self.items[self.places[place] as usize] != *item {
            place = (place + 1) & (self.places.len() - 1);
        }
        place
    }

    fn first_place(&self, item: &T) -> usize {
        let mut hasher = Mixing(0);
        item.hash(&mut hasher);
        usize::try_from(hasher.finish() & (self.places.len() as u64 - 1)).expect("it is below a length")
    }

    fn grow(&mut self) {
        self.places = vec![FREE; self.places.len() * 2];
        for number in 0..self.items.len() {
            let mut place = self.first_place(&self.items[number]);
            while self.places[place] != FREE {
                place = (place + 1) & (self.places.len() - 1);
            }
            self.places[place] = u32::try_from(number).expect("it was a number before");
        }
    }
}

/// A hasher that is the same in every process. Things are compared besides, so it need not be a strong one.
struct Mixing(u64);

impl Hasher for Mixing {
    fn finish(&self) -> u64 {
        mix(self.0)
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.write_u64(u64::from_le_bytes(*word)));
        rest.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u8(&mut self, what: u8) {
        self.write_u64(u64::from(what));
    }

    fn write_u16(&mut self, what: u16) {
        self.write_u64(u64::from(what));
    }

    fn write_u32(&mut self, what: u32) {
        self.write_u64(u64::from(what));
    }

    fn write_u64(&mut self, what: u64) {
        self.0 = (self.0.rotate_left(23) ^ what).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, what: usize) {
        self.write_u64(what as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_things_have_one_number_and_others_another() {
        let mut table = Table::default();
        for round in [true, false] {
            for n in 0..5_000_u32 {
                assert_eq!(table.number(format!("{n}")), (n, round));
            }
        }
        assert_eq!((table.len(), table.get(17).as_str()), (5_000, "17"));
        assert_eq!((table.find(&"17".to_owned()), table.find(&"x".to_owned())), (Some(17), None));
    }
}
