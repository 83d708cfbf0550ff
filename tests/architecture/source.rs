//! Just enough of a reader of Rust source to see who refers to whom.

/// The source with comments and the insides of literals blanked out; lines keep their numbers.
pub fn without_comments_and_literals(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skipped_until(&chars, at);
        if end > at {
            out.extend(chars[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
            at = end;
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

/// The end of the comment or literal that starts here, or `at` where none does.
fn skipped_until(chars: &[char], at: usize) -> usize {
    let starts = |text: &str| text.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
    let find = |from: usize, what: &dyn Fn(usize) -> bool| (from..chars.len()).find(|&i| what(i));
    let after_word = at > 0 && is_word(chars[at - 1]);
    if starts("//") {
        return find(at, &|i| chars[i] == '\n').unwrap_or(chars.len());
    }
    if starts("/*") {
        return block_comment_end(chars, at);
    }
    if starts("\"") {
        return string_end(chars, at + 1);
    }
    if !after_word && (starts("r\"") || starts("r#") || starts("br\"") || starts("br#")) {
        let hashes_from = at + if chars[at] == 'b' { 2 } else { 1 };
        let quote = find(hashes_from, &|i| chars[i] != '#').unwrap_or(chars.len());
        // r#type is a name, not a string.
        if chars.get(quote) != Some(&'"') {
            return at;
        }
        let hashes = quote - hashes_from;
        let closes = |i: usize| chars[i] == '"' && (1..=hashes).all(|k| chars.get(i + k) == Some(&'#'));
        return find(quote + 1, &closes).map_or(chars.len(), |i| i + hashes + 1);
    }
    // 'a' and '\n' are characters; 'a without a closing quote is a lifetime.
    if starts("'\\") {
        return find(at + 3, &|i| chars[i] == '\'').map_or(chars.len(), |i| i + 1);
    }
    if starts("'") && chars.get(at + 2) == Some(&'\'') {
        return at + 3;
    }
    at
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let mut depth = 0;
    let mut i = at;
    while i + 1 < chars.len() {
        match (chars[i], chars[i + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                i += 1;
                continue;
            }
        }
        i += 2;
        if depth == 0 {
            return i;
        }
    }
    chars.len()
}

fn string_end(chars: &[char], mut i: usize) -> usize {
    while i < chars.len() {
        match chars[i] {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    chars.len()
}

/// The source without its `#[cfg(test)]` items. Takes source without comments and literals.
pub fn without_tests(source: &str) -> String {
    let mut out = String::new();
    let mut rest = source;
    while let Some(start) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..start]);
        let item = &rest[start..];
        let end = item_end(item);
        out.extend(item[..end].chars().filter(|&c| c == '\n'));
        rest = &item[end..];
    }
    out + rest
}

/// The end of the item at the start of `source`: its first `;` outside braces, or its closing brace.
fn item_end(source: &str) -> usize {
    let mut depth = 0;
    for (i, c) in source.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return i + 1,
            _ => continue,
        }
        if depth == 0 {
            return i + 1;
        }
    }
    source.len()
}

/// A path that starts at some root, and the line it stands in: `crate::model::Preset` is `["model", "Preset"]`.
#[derive(Debug, PartialEq)]
pub struct Reference {
    pub line: usize,
    pub path: Vec<String>,
}

/// Every path below `root::`, with braces spelled out. Takes source without comments and literals.
pub fn references(source: &str, root: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    for at in words(source, root) {
        let rest = source[at + root.len()..].trim_start();
        let Some(tree) = rest.strip_prefix("::") else { continue };
        let line = line_of(source, at);
        found.extend(expand(tree).into_iter().map(|path| Reference { line, path }));
    }
    found
}

/// The paths of one `use` tree (or of one plain path), read from the start of `tree`.
pub fn expand(tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim_start();
    if let Some(inside) = tree.strip_prefix('{') {
        return branches(inside).into_iter().flat_map(expand).collect();
    }
    let name: String = tree.chars().take_while(|&c| is_word(c) || c == '*').collect();
    if name.is_empty() {
        return Vec::new();
    }
    let rest = tree[name.len()..].trim_start();
    let below = rest.strip_prefix("::").map(expand).unwrap_or_default();
    if below.is_empty() {
        return vec![vec![name]];
    }
    below.into_iter().map(|path| std::iter::once(name.clone()).chain(path).collect()).collect()
}

/// The comma-separated branches up to the brace that closes them.
fn branches(inside: &str) -> Vec<&str> {
    let mut depth = 0;
    let mut from = 0;
    let mut found = Vec::new();
    for (i, c) in inside.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                found.push(&inside[from..i]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&inside[from..i]);
                from = i + 1;
            }
            _ => {}
        }
    }
    found
}

/// Lines in which `word` stands as a whole word.
pub fn lines_with_word(source: &str, word: &str) -> Vec<usize> {
    words(source, word).into_iter().map(|at| line_of(source, at)).collect()
}

/// Lines that reach into the crate `name`: `name::…` or `use name`.
pub fn lines_using_crate(source: &str, name: &str) -> Vec<usize> {
    let uses = |at: usize| {
        let followed = source[at + name.len()..].trim_start().starts_with("::");
        let imported = source[..at].trim_end().ends_with("use") || source[..at].trim_end().ends_with("extern crate");
        // `eframe::wgpu::…` is eframe's business, and `Self::wgpu::…` is no crate.
        (followed || imported) && !source[..at].trim_end().ends_with("::")
    };
    words(source, name).into_iter().filter(|&at| uses(at)).map(|at| line_of(source, at)).collect()
}

/// How many `super::` lead to a name, and the name, with the line: `super::super::scene` is (2, "scene").
pub fn climbs(source: &str) -> Vec<(usize, usize, String)> {
    let mut found = Vec::new();
    for reference in references(source, "super") {
        let more = reference.path.iter().take_while(|name| *name == "super").count();
        // A chain is found once from each of its `super`s; the longest comes first and is the one that counts.
        if let Some(name) = reference.path.get(more) {
            found.push((reference.line, more + 1, name.clone()));
        }
    }
    found
}

/// Where `word` stands as a whole word.
pub fn words(source: &str, word: &str) -> Vec<usize> {
    let alone = |at: usize| {
        let before = source[..at].chars().next_back();
        let after = source[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    };
    source.match_indices(word).map(|(at, _)| at).filter(|&at| alone(at)).collect()
}

pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn line_of(source: &str, at: usize) -> usize {
    source[..at].matches('\n').count() + 1
}
