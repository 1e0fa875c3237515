//! How wide a text is, without a font: a table of the widest of the usual fonts, so that a text fits in all of them.

/// Hundredths of the font's size, for the printable characters of ASCII from the space on.
const WIDTHS: [i64; 95] = [
    32, 40, 46, 84, 64, 95, 78, 28, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
    84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 30, 30, 66, 56, 86, 75, 79, 60, 79, 69, 63, 61, 73, 68, 99, 69,
    61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63,
    59, 82, 59, 59, 52, 64, 34, 64, 84,
];

/// The width of a text of a size in pixels, in tenths of pixels.
#[must_use]
pub fn width(text: &str, size: i64) -> i64 {
    text.chars().map(|c| hundredths(c) * size).sum::<i64>() / 10
}

/// The width of a text in a font whose characters are all as wide.
#[must_use]
pub fn mono_width(text: &str, size: i64) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX / 100) * 62 * size / 10
}

fn hundredths(c: char) -> i64 {
    match u32::from(c) {
        code @ 0x20..=0x7e => WIDTHS[code as usize - 0x20],
        0xa0 => 32,
        0x300..=0x36f | 0x200b..=0x200f => 0,
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0x1f000.. => 130,
        _ => 84,
    }
}

/// The text, or so much of its beginning that it fits with an ellipsis.
#[must_use]
pub fn cut(text: &str, size: i64, most: i64) -> String {
    if width(text, size) <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept, size) + 84 * size / 10 > most {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

/// The text in lines that fit, broken between words; a word that does not fit is cut.
#[must_use]
pub fn wrap(text: &str, size: i64, most: i64) -> Vec<String> {
    wrap_by(text, most, &|text| width(text, size), &|word| cut(word, size, most))
}

/// The same in a font whose characters are all as wide.
#[must_use]
pub fn wrap_mono(text: &str, size: i64, most: i64) -> Vec<String> {
    wrap_by(text, most, &|text| mono_width(text, size), &str::to_owned)
}

fn wrap_by(text: &str, most: i64, wide: &dyn Fn(&str) -> i64, fit: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if wide(line) + wide(" ") + wide(word) <= most => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(fit(word)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_fits() {
        for text in
            ["hello", "d1 says so and so on and so on and so on", "gül sagt WWWWWWWWWWWWWWWWWWWW", "漢字漢字漢字漢字"]
        {
            for most in [300, 700, 1_100] {
                assert!(width(&cut(text, 12, most), 12) <= most.max(200), "{text} in {most}");
            }
        }
        assert_eq!(cut("short", 12, 1_000), "short");
    }

    #[test]
    fn lines_fit_and_lose_no_word() {
        let text = "cleo reads on after #6, and what she asked before is answered again";
        let lines = wrap(text, 12, 1_200);
        assert!(lines.iter().all(|line| width(line, 12) <= 1_200));
        assert_eq!(lines.join(" "), text);
    }
}
