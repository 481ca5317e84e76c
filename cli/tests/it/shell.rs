//! Completions and manual pages: made, whole, and of every subcommand.

use std::collections::BTreeSet;

use crate::{code, run, stderr};

/// The subcommands that `--help` lists.
fn subcommands() -> Vec<String> {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // What a description goes on with is further in.
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<String> = names.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect();
    assert!(names.len() > 10 && names.contains(&"lookup".to_owned()), "{names:?}");
    names
}

#[test]
fn every_shell_completes_every_subcommand() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(&["completions", shell]);
        assert_eq!(code(&output), 0, "{shell}: {}", stderr(&output));
        let script = String::from_utf8(output.stdout).unwrap();
        for name in subcommands() {
            assert!(script.contains(&name), "{shell} does not complete {name}");
        }
        assert!(script.contains("offline"), "{shell} does not complete the options of lookup");
    }
    assert_eq!(code(&run(&["completions", "tcsh"])), 2);
}

#[test]
fn bash_reads_its_completions() {
    let script = run(&["completions", "bash"]).stdout;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), script).unwrap();
    let asks = format!(
        "source {}; COMP_WORDS=(aggregator so); COMP_CWORD=1; _aggregator aggregator so aggregator; echo \"${{COMPREPLY[*]}}\"",
        file.path().display()
    );
    let output = std::process::Command::new("bash").args(["-c", &asks]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "sources", "{output:?}");
}

#[test]
fn the_manual_page_lists_every_subcommand_and_each_has_its_own() {
    let page = String::from_utf8(run(&["man"]).stdout).unwrap();
    assert!(page.contains(".TH aggregator 1"), "{page}");
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("man1");
    let output = run(&["man", "--dir", into.to_str().unwrap()]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let written: BTreeSet<String> = std::fs::read_dir(&into)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(written.contains("aggregator.1"), "{written:?}");
    for name in subcommands().iter().filter(|name| *name != "help") {
        assert!(page.contains(&format!("aggregator\\-{}(1)", name.replace('-', "\\-"))), "{name}: {page}");
        let own = std::fs::read_to_string(into.join(format!("aggregator-{name}.1"))).unwrap();
        assert!(own.contains("SYNOPSIS"), "{name}: {own}");
    }
    let nowhere = run(&["man", "--dir", "/dev/null/man1"]);
    assert_eq!(code(&nowhere), 1);
    assert!(stderr(&nowhere).contains("cannot write manual pages to /dev/null/man1"), "{}", stderr(&nowhere));
}
