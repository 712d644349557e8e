//! Just enough SVG: elements with attributes, and text that is escaped.

use std::fmt::{Display, Write};

/// Elements, in the order in which they are painted.
///
/// Everything stays on one line: a blank line would end the HTML block that Markdown sees.
#[derive(Default)]
pub struct Svg {
    elements: String,
}

impl Svg {
    /// A shape without content.
    pub fn shape(&mut self, name: &str, class: &str, attributes: &[(&str, f64)]) {
        self.open(name, class, attributes);
        self.elements.push_str("/>");
    }

    /// A path; `d` is its outline.
    pub fn path(&mut self, class: &str, d: impl Display) {
        write!(self.elements, r#"<path class="{class}" d="{d}"/>"#).expect("a String takes all");
    }

    /// A straight line.
    pub fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let ends = [("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2)];
        self.shape("line", class, &ends);
    }

    /// A box with its corners rounded by `rx`.
    pub fn rect(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64), rx: f64) {
        let sides = [("x", x), ("y", y), ("width", width), ("height", height), ("rx", rx)];
        self.shape("rect", class, &sides);
    }

    /// Text in one style.
    pub fn text(&mut self, class: &str, at: (f64, f64), content: &str) {
        self.spans(class, at, [("", content)]);
    }

    /// Text that changes its style along the line: pairs of a class and a content.
    pub fn spans<'a>(
        &mut self,
        class: &str,
        (x, y): (f64, f64),
        spans: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) {
        self.open("text", class, &[("x", x), ("y", y)]);
        self.elements.push('>');
        for (class, content) in spans {
            let content = escape(content);
            if class.is_empty() {
                self.elements.push_str(&content);
            } else {
                write!(self.elements, r#"<tspan class="{class}">{content}</tspan>"#)
                    .expect("a String takes all");
            }
        }
        self.elements.push_str("</text>");
    }

    /// Paints `others` after what is here already.
    pub fn append(&mut self, others: Self) {
        self.elements.push_str(&others.elements);
    }

    /// The picture, `size` wide and high, with the name and the description that a screen reader speaks.
    pub fn picture(
        self,
        class: &str,
        size: (f64, f64),
        font_size: f64,
        title: &str,
        description: &str,
    ) -> String {
        let (width, height) = (size.0.ceil(), size.1.ceil());
        let elements = self.elements;
        let (title, description) = (escape(title), escape(description));
        format!(
            r#"<svg class="{class}" role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-size="{font_size}"><title>{title}</title><desc>{description}</desc>{elements}</svg>"#
        )
    }

    fn open(&mut self, name: &str, class: &str, attributes: &[(&str, f64)]) {
        write!(self.elements, r#"<{name} class="{class}""#).expect("a String takes all");
        for (attribute, value) in attributes {
            let value = (value * 10.0).round() / 10.0;
            write!(self.elements, r#" {attribute}="{value}""#).expect("a String takes all");
        }
    }
}

/// Text as HTML, on one line.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            // Later preprocessors would take it for a directive of theirs.
            '{' => escaped.push_str("&#123;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_a_message_stays_text() {
        let mut svg = Svg::default();
        svg.spans("a", (1.04, 2.0), [("b", "</text><script>"), ("", "{{#include x}}\n\n&")]);
        assert_eq!(
            svg.elements,
            "<text class=\"a\" x=\"1\" y=\"2\"><tspan class=\"b\">&lt;/text&gt;&lt;script&gt;</tspan>\
             &#123;&#123;#include x}}&#10;&#10;&amp;</text>"
        );
    }
}
