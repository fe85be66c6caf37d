//! Dice that fall the same way for the same seed, on every machine: whole numbers only.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of dice.
#[derive(Debug)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from 0 up to, but not including, `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.0.random_range(0..end) }
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high.max(low))
    }

    /// Does something happen that happens in `percent` of a hundred cases?
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// The place of something in a list of `len`.
    pub fn place(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or_default()
    }

    /// One of `all`, each as likely as the others; `None` when there are none.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.place(all.len()))
    }

    /// The place of one of `weights`, each as likely as its weight; 0 when all are 0.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let mut roll = self.below(weights.clone().sum());
        for (place, weight) in weights.enumerate() {
            if roll < weight {
                return place;
            }
            roll -= weight;
        }
        0
    }

    /// `length` characters of the alphabet that click ids are made of.
    pub fn token(&mut self, length: usize) -> String {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut token = String::with_capacity(length);
        while token.len() < length {
            let mut bits = self.bits();
            for _ in 0..10.min(length - token.len()) {
                let [low, ..] = bits.to_le_bytes();
                token.push(char::from(LETTERS[usize::from(low & 63)]));
                bits >>= 6;
            }
        }
        token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_stream() {
        let stream = |seed| {
            let mut chance = Chance::new(seed);
            (chance.bits(), chance.below(1000), chance.between(-5, 5), chance.token(25), chance.percent(50))
        };
        assert_eq!(stream(7), stream(7));
        assert_ne!(stream(7), stream(8));
        // Pinned: a world must be the same on every machine and after every update of a library.
        assert_eq!(Chance::new(1).below(1_000_000), 402_485);
    }

    #[test]
    fn weights_are_kept() {
        let mut chance = Chance::new(3);
        let mut hits = [0_u32; 3];
        for _ in 0..4000 {
            hits[chance.weighted([1, 0, 3].into_iter())] += 1;
        }
        assert_eq!(hits[1], 0);
        assert!((900..1100).contains(&hits[0]), "{hits:?}");
        assert_eq!(chance.weighted([0, 0].into_iter()), 0);
        assert_eq!(chance.one_of::<u8>(&[]), None);
    }
}
