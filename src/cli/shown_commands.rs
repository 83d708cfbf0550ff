//! What help and documents tell people to type can be typed: each command in them is read as the program reads it.

use clap::{Command, CommandFactory, Parser};

use super::args::Arguments;

const DOCUMENTS: [(&str, &str); 5] = [
    ("README.md", include_str!("../../README.md")),
    ("docs/cli.md", include_str!("../../docs/cli.md")),
    ("docs/cameras.md", include_str!("../../docs/cameras.md")),
    ("docs/memory.md", include_str!("../../docs/memory.md")),
    ("docs/viewer.md", include_str!("../../docs/viewer.md")),
];

/// What stands below the options of a command and of those inside it.
fn notes(command: &Command) -> Vec<(String, String)> {
    let own = command.get_after_help().map(|notes| (command.get_name().to_owned(), notes.to_string()));
    own.into_iter().chain(command.get_subcommands().flat_map(notes)).collect()
}

/// The words of a line that begins with the program's name; remarks stand behind two blanks or a `#`.
fn words(line: &str) -> Option<Vec<String>> {
    let line = line.trim_start();
    let line = line.split("  ").next()?.split(" #").next()?.trim_end();
    let is_command = line == "fathom" || line.starts_with("fathom ");
    is_command.then(|| line.split(' ').map(|word| word.trim_matches('\'').to_owned()).collect())
}

/// Fails where a line of a text is no command line; says how many there were.
fn check<'a>(source: &str, lines: impl Iterator<Item = &'a str>) -> usize {
    let commands: Vec<Vec<String>> = lines.filter_map(words).collect();
    for words in &commands {
        if let Err(error) = Arguments::try_parse_from(words) {
            panic!("{source}: {}: {error}", words.join(" "));
        }
    }
    commands.len()
}

#[test]
fn examples_of_help_are_command_lines() {
    let all = notes(&Arguments::command());
    let of = |name: &str| all.iter().find(|(of, _)| of == name).map_or("", |(_, notes)| notes.as_str());
    for (name, notes) in &all {
        assert!(check(name, notes.lines()) > 1, "{name} has examples");
    }
    for (command, looked_for) in [
        ("fathom", &["--turntable", "Blender", "COLMAP", "depth film", "Metres", "little memory"][..]),
        ("depth", &["metres", "Blender", "COLMAP", "depth film", "One scene of many", "Little memory", "--resume"]),
        ("render", &["turntable", "depth film", "--view camera:2", "--scene 3 --view camera:1"]),
    ] {
        for part in looked_for {
            assert!(of(command).contains(part), "{part} in\n{}", of(command));
        }
    }
}

#[test]
fn commands_of_documents_are_command_lines() {
    let mut count = 0;
    for (name, text) in DOCUMENTS {
        // Every second part stands between fences.
        let blocks = text.split("```").skip(1).step_by(2);
        count += blocks.map(|block| check(name, block.lines())).sum::<usize>();
    }
    assert!(count > 12, "{count} commands were found");
}
