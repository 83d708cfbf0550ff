//! Texts of kernels out of templates: what shader compilers do badly (unrolling loops, choosing by constants) is done in the text.
//!
//! Lines that begin with `//#` are for the template: `//# for i in 0..N` … `//# end` repeats what is between, with `{{i}}` as
//! 0, 1, …; `//# if NAME` … `//# end` keeps it where the value is not zero (`//# if NAME=3`: where it is that),
//! `//# unless NAME` where it is; `//# use NAME` puts
//! another text in. Elsewhere `{{NAME}}` is the value; names may
//! be sums of products, as `{{2*N+i}}`.

use std::fmt::Write;

/// Names and what they stand for.
pub type Values<'a> = &'a [(&'static str, u32)];

/// A template and the texts that it uses.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    pub name: &'static str,
    pub text: &'static str,
    pub parts: &'static [(&'static str, &'static str)],
}

impl Template {
    /// The text with these values.
    ///
    /// # Errors
    /// What is wrong with the template: the program's fault.
    pub fn expand(&self, values: Values<'_>) -> Result<String, String> {
        let mut names: Vec<(String, u32)> = values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        let lines: Vec<&str> = self.text.lines().collect();
        let mut out = String::with_capacity(2 * self.text.len());
        self.lines(&lines, &mut names, &mut out)?;
        Ok(out)
    }

    fn lines(&self, lines: &[&str], names: &mut Vec<(String, u32)>, out: &mut String) -> Result<(), String> {
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            let Some(command) = line.trim_start().strip_prefix("//#") else {
                substitute(line, names, out)?;
                at += 1;
                continue;
            };
            let words: Vec<&str> = command.split_whitespace().collect();
            if let ["use", part] = words[..] {
                let text = self.parts.iter().find(|(name, _)| *name == part).ok_or(format!("no part {part}"))?.1;
                self.lines(&text.lines().collect::<Vec<_>>(), names, out)?;
                at += 1;
                continue;
            }
            let end = at + 1 + end_of(&lines[at + 1..]).ok_or(format!("nothing ends {line}"))?;
            let inner = &lines[at + 1..end];
            match words[..] {
                ["for", name, "in", range] => {
                    let last = range.strip_prefix("0..").ok_or(format!("no range: {range}"))?;
                    for i in 0..value(last, names)? {
                        names.push((name.to_owned(), i));
                        self.lines(inner, names, out)?;
                        names.pop();
                    }
                }
                ["if", condition] if holds(condition, names)? => self.lines(inner, names, out)?,
                ["unless", condition] if !holds(condition, names)? => self.lines(inner, names, out)?,
                ["if" | "unless", _] => {}
                _ => return Err(format!("what is {line}?")),
            }
            at = end + 1;
        }
        Ok(())
    }
}

/// Where the line stands that ends what begins before these.
fn end_of(lines: &[&str]) -> Option<usize> {
    let mut depth = 1;
    for (at, line) in lines.iter().enumerate() {
        match line.trim_start().strip_prefix("//#").map(str::trim_start) {
            Some("end") => depth -= 1,
            Some(command) if ["for ", "if ", "unless "].iter().any(|word| command.starts_with(word)) => depth += 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Whether a name is not zero, or is the number behind `=`.
fn holds(condition: &str, names: &[(String, u32)]) -> Result<bool, String> {
    match condition.split_once('=') {
        Some((name, number)) => Ok(value(name, names)? == value(number, names)?),
        None => Ok(value(condition, names)? != 0),
    }
}

/// A sum of products of numbers and names, as `2*N+i`.
fn value(words: &str, names: &[(String, u32)]) -> Result<u32, String> {
    let factor = |name: &str| {
        // The innermost counts.
        let found = || names.iter().rev().find(|(known, _)| known == name).map(|(_, value)| *value);
        name.parse().ok().or_else(found).ok_or(format!("what is {name}?"))
    };
    words.split('+').map(|term| term.split('*').map(|name| factor(name.trim())).product::<Result<u32, _>>()).sum()
}

fn substitute(line: &str, names: &[(String, u32)], out: &mut String) -> Result<(), String> {
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (name, after) = behind.split_once("}}").ok_or(format!("unclosed: {line}"))?;
        out.push_str(before);
        write!(out, "{}", value(name, names)?).map_err(|error| error.to_string())?;
        rest = after;
    }
    out.push_str(rest);
    out.push('\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_unrolled_and_chosen() {
        let text = "a = {{N}};\n//# for i in 0..N\n//# for j in 0..2\nx_{{i}}_{{j}}\n//# end\n//# end\n//# if FLAG\non\n//# end\n\
                    //# unless FLAG\noff\n//# end\n//# use more\n";
        let template = Template { name: "test", text, parts: &[("more", "N again: {{2*N+1}}\n")] };
        let expanded = template.expand(&[("N", 2), ("FLAG", 0)]).expect("a good template");
        assert_eq!(expanded, "a = 2;\nx_0_0\nx_0_1\nx_1_0\nx_1_1\noff\nN again: 5\n");
        assert!(template.expand(&[("N", 1), ("FLAG", 3)]).expect("a good template").contains("on\n"));
        let chosen = Template { text: "//# if N=2\ntwo\n//# end\n//# if N=3\nthree\n//# end", ..template };
        assert_eq!(chosen.expand(&[("N", 3)]).expect("a good template"), "three\n");
    }

    #[test]
    fn what_is_wrong_with_a_template_is_said() {
        let of = |text| Template { name: "test", text, parts: &[] }.expand(&[("N", 2)]);
        for text in [
            "{{M}}",
            "{{N",
            "//# for i in 0..N\n",
            "//# for i in N\n//# end",
            "//# if M\n//# end",
            "//# use x",
            "//# what",
        ] {
            assert!(of(text).is_err(), "{text}");
        }
    }
}
