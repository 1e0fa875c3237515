//! A record as it lies on the disk: format version (1 byte), time of day in milliseconds (8, little endian), checksum (8),
//! record in postcard. The checksum is the beginning of the SHA-256 of position, time and record, so that a record at
//! another's place is noticed as well.
//!
//! A new version is added, an old one is never edited: what was written once is read for ever.

use causerie_core::protocol::{Position, Record, decode_record, encode_record};
use causerie_core::time::WallTime;
use sha2::{Digest, Sha256};

use crate::log::Stored;

/// The format of a record, its first byte.
const VERSION: u8 = 1;
/// What stands before the record itself.
const HEADER: usize = 1 + 8 + 8;

pub(super) fn pack(position: Position, at: WallTime, record: &Record) -> Vec<u8> {
    let payload = encode_record(record);
    let mut bytes = Vec::with_capacity(HEADER + payload.len());
    bytes.push(VERSION);
    bytes.extend_from_slice(&at.0.to_le_bytes());
    bytes.extend_from_slice(&checksum(position, at, &payload));
    bytes.extend_from_slice(&payload);
    bytes
}

/// The record in these bytes, or what is wrong with them.
pub(super) fn unpack(position: Position, bytes: &[u8]) -> Result<Stored, String> {
    let Some((&[version], rest)) = bytes.split_first_chunk::<1>() else {
        return Err("it is empty".to_owned());
    };
    if version != VERSION {
        return Err(format!("its format is {version}, this program reads {VERSION}"));
    }
    let Some((at, rest)) = rest.split_first_chunk::<8>() else {
        return Err("it is cut short".to_owned());
    };
    let Some((sum, payload)) = rest.split_first_chunk::<8>() else {
        return Err("it is cut short".to_owned());
    };
    let at = WallTime(u64::from_le_bytes(*at));
    if *sum != checksum(position, at, payload) {
        return Err("its checksum does not match".to_owned());
    }
    let record = decode_record(payload).map_err(|unreadable| unreadable.to_string())?;
    Ok(Stored { position, at, record })
}

fn checksum(position: Position, at: WallTime, payload: &[u8]) -> [u8; 8] {
    let mut hasher = Sha256::new();
    hasher.update(position.0.to_le_bytes());
    hasher.update(at.0.to_le_bytes());
    hasher.update(payload);
    let digest = hasher.finalize();
    *digest.first_chunk().expect("a digest has 32 bytes")
}

#[cfg(test)]
mod tests {
    use causerie_core::protocol::{Intent, NodeId, Origin};

    use super::*;

    /// Added to, never edited: stores out there hold these bytes.
    const GOLDEN: &[(&str, u64)] = &[("01ea0c7bfda1010000ace82b30a78d07f2020301010203", 7)];

    fn record() -> Record {
        let origin = Origin { node: NodeId(2), epoch: 3 };
        Record { origin, intents: vec![Intent::Started { node: NodeId(2), epoch: 3 }] }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn what_was_stored_once_is_read_for_ever_and_written_the_same() {
        let at = WallTime(1_795_254_062_314);
        for (golden, position) in GOLDEN {
            let packed = pack(Position(*position), at, &record());
            assert_eq!(hex(&packed), *golden);
            let stored = Stored { position: Position(*position), at, record: record() };
            assert_eq!(unpack(Position(*position), &packed), Ok(stored));
        }
    }

    #[test]
    fn any_flipped_bit_and_any_other_place_is_noticed() {
        let packed = pack(Position(7), WallTime(1), &record());
        for bit in 0..packed.len() * 8 {
            let mut rotten = packed.clone();
            rotten[bit / 8] ^= 1 << (bit % 8);
            assert!(unpack(Position(7), &rotten).is_err(), "bit {bit}");
        }
        assert!(unpack(Position(8), &packed).is_err());
        for len in 0..packed.len() {
            assert!(unpack(Position(7), &packed[..len]).is_err(), "cut to {len} bytes");
        }
    }
}
