//! How things look: classes, in light and in dark.

use std::fmt::Write;

use crate::report::layout::TextStyle as Style;
use crate::report::palette::{DARK, LIGHT, Palette};

/// Hatchings: for bands on a lane and on the log.
pub(super) const PATTERNS: &str = concat!(
    r##"<defs><pattern id="cut" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">"##,
    r##"<rect class="faultf" width="7" height="7" fill-opacity=".045"/><rect class="faultf" width="1.6" height="7" fill-opacity=".2"/></pattern>"##,
    r##"<pattern id="held" width="7" height="7" patternUnits="userSpaceOnUse">"##,
    r##"<rect class="faultf" width="7" height="7" fill-opacity=".03"/><rect class="faultf" width="7" height="1.2" fill-opacity=".18"/></pattern>"##,
    r##"<pattern id="down" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">"##,
    r##"<rect class="faultf" width="7" height="7" fill-opacity=".07"/><rect class="faultf" width="2" height="7" fill-opacity=".32"/></pattern></defs>"##,
    "\n"
);

const FIXED: &str = "text{font-family:Inter,system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif;font-size:12px}\
.mono{font-family:'JetBrains Mono',ui-monospace,SFMono-Regular,Menlo,'DejaVu Sans Mono',monospace;font-size:11px}\
.b{font-weight:600}.t{font-size:19px;font-weight:650}.t2{font-size:16px;font-weight:650}.h{font-size:14px}.s{font-size:11px}\
.life{stroke-width:2;fill:none}.off{stroke-dasharray:1.5 5;stroke-linecap:round}\
.halo{stroke-width:5;fill:none;stroke-linecap:round}\
.lab{paint-order:stroke;stroke-width:4px;stroke-linejoin:round}.bare{stroke:none}\
.line{stroke-width:1.7;fill:none}.ans{stroke-width:1.4;fill:none;stroke-dasharray:5 4}.open{stroke-width:1.4;fill:none}.held-up{stroke-width:1.7;fill:none;stroke-dasharray:1 4;stroke-linecap:round}\
.wait{stroke-width:5;stroke-opacity:.32;stroke-linecap:round;fill:none}.stem{stroke-width:1.3;stroke-opacity:.6;fill:none}\
.pill{stroke-width:1.3}.thick{stroke-width:1.6}.fold{stroke-dasharray:2 4}.rule{stroke-width:1;fill:none}.spine{stroke-width:1}\
.fault{fill:none;stroke-width:2.2;stroke-linecap:round}.ghost{stroke-dasharray:2 3}.private{stroke-dasharray:4 3}\
.cut{fill:url(#cut)}.held{fill:url(#held)}.down{fill:url(#down)}.edge{fill:none;stroke-width:1}\
.ring{fill:none;stroke-width:2.4}.thin{stroke-width:1}.warn{stroke-width:1.3}.dim{opacity:.26}";

/// The style of a file.
pub(super) fn style() -> String {
    let mut style = FIXED.to_owned();
    colours(&mut style, &LIGHT);
    style.push_str("@media(prefers-color-scheme:dark){");
    colours(&mut style, &DARK);
    style.push('}');
    style
}

fn colours(out: &mut String, palette: &Palette) {
    let Palette { paper, ink, mute, faint, life, off, rule, spine, fault, warn, band, fine, slots } = palette;
    let [ground, edge] = spine;
    let mut add = |text: std::fmt::Arguments<'_>| out.write_fmt(text).expect("a string takes all");
    add(format_args!(".bg,.wht,.paper,.pill{{fill:{paper}}}.halo,.lab{{stroke:{paper}}}.ink{{fill:{ink}}}"));
    add(format_args!(".mut{{fill:{mute}}}.fnt{{fill:{faint}}}.life{{stroke:{life}}}.off{{stroke:{off}}}"));
    add(format_args!(".lab.log{{stroke:{ground}}}.lab.bare{{stroke:none}}"));
    add(format_args!(
        ".rule{{stroke:{rule}}}.spine{{fill:{ground};stroke:{edge}}}.ghost{{fill:{paper};stroke:{faint}}}"
    ));
    add(format_args!(".fault,.ring{{stroke:{fault}}}.faultf,.nob{{fill:{fault}}}.warn{{fill:{warn};stroke:{fault}}}"));
    add(format_args!(".edge{{stroke:{band}}}.okb{{fill:{fine}}}.grey{{stroke:{faint}}}.greyf{{fill:{faint}}}"));
    for (slot, colour) in slots.iter().enumerate() {
        add(format_args!(".f{slot}{{fill:{colour}}}.s{slot}{{stroke:{colour}}}"));
    }
}

/// The classes of a part of a text. `class` is what the whole text has besides.
pub(super) fn class(style: Style, class: &str) -> String {
    let colour = |usual: &'static str| if matches!(class, "" | "b" | "log") { usual } else { "" };
    match style {
        Style::Plain => "ink".to_owned(),
        Style::Bold => "b ink".to_owned(),
        Style::Mute => "mut".to_owned(),
        Style::Faint => "s fnt".to_owned(),
        Style::Small => "s mut".to_owned(),
        Style::Mono => format!("mono {}", colour("mut")),
        Style::MonoOf(slot) => format!("mono b f{slot}"),
        Style::NameOf(slot) if class == "b" => format!("b h f{slot}"),
        Style::NameOf(slot) => format!("b f{slot}"),
        Style::Fault => "b s faultf".to_owned(),
        Style::Tab => "mono b wht bare".to_owned(),
        Style::Title => "t ink".to_owned(),
        Style::LongTitle => "t2 ink".to_owned(),
        Style::Head => "b h ink".to_owned(),
    }
}
