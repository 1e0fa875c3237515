//! The colours of a picture, in light and in dark. Red belongs to faults, and each fault has a shape as well.

/// Authors have one of so many colours.
pub const SLOTS: usize = 8;

/// Colours of one surrounding, each as `#rrggbb`.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// Behind everything.
    pub paper: &'static str,
    /// Text.
    pub ink: &'static str,
    /// Text that matters less.
    pub mute: &'static str,
    /// Stamps and notes.
    pub faint: &'static str,
    /// Lifelines.
    pub life: &'static str,
    /// Lifelines of those not connected.
    pub off: &'static str,
    /// Thin lines.
    pub rule: &'static str,
    /// The log's column, and its edge.
    pub spine: [&'static str; 2],
    /// Faults.
    pub fault: &'static str,
    /// Behind the text of a fault.
    pub warn: &'static str,
    /// The edge of a band.
    pub band: &'static str,
    /// A run that passed.
    pub fine: &'static str,
    /// Authors.
    pub slots: [&'static str; SLOTS],
}

/// By day.
pub const LIGHT: Palette = Palette {
    paper: "#ffffff",
    ink: "#17202b",
    mute: "#56616e",
    faint: "#636e7d",
    life: "#b9c2cc",
    off: "#8d98a4",
    rule: "#e3e7eb",
    spine: ["#f1f4f7", "#d5dbe1"],
    fault: "#d11f2f",
    warn: "#fff3f3",
    band: "#e79aa1",
    fine: "#0a7a53",
    slots: ["#2563eb", "#0a7a53", "#8b35d6", "#a35406", "#08728a", "#c01f63", "#636a00", "#7a5230"],
};

/// By night.
pub const DARK: Palette = Palette {
    paper: "#0f141a",
    ink: "#e6ebf0",
    mute: "#9aa7b4",
    faint: "#8593a1",
    life: "#46525f",
    off: "#66737f",
    rule: "#26303a",
    spine: ["#182029", "#303b47"],
    fault: "#ff6b76",
    warn: "#2a171a",
    band: "#7d3a40",
    fine: "#4fd1a1",
    slots: ["#7aa7ff", "#4fd1a1", "#c79bff", "#f0b357", "#5ed3ea", "#ff8fbf", "#c3cc5a", "#d6ab8a"],
};

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let part = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn all_text_can_be_read() {
        for palette in [LIGHT, DARK] {
            let texts = [palette.ink, palette.mute, palette.faint, palette.fault, palette.fine];
            for text in texts.iter().chain(&palette.slots) {
                for ground in [palette.paper, palette.spine[0]] {
                    let contrast = contrast(text, ground);
                    assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2}");
                }
            }
            for text in [palette.ink, palette.fault] {
                assert!(contrast(text, palette.warn) >= 4.5, "{text} on {}", palette.warn);
            }
            // The number on a filled tab, and the verdict, are written in the paper's colour: covered above.
        }
    }

    #[test]
    fn no_two_colours_are_one() {
        for palette in [LIGHT, DARK] {
            for (i, slot) in palette.slots.iter().enumerate() {
                assert!(!palette.slots[..i].contains(slot) && *slot != palette.fault);
            }
        }
    }
}
