use insta::assert_snapshot;

use crate::host::{Home, run};

#[test]
fn help_fits_one_screen() {
    let home = Home::new("help");
    for command in [&[][..], &["server"], &["client"], &["verify"], &["completions"], &["man"]] {
        let args: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
        let (help, complaints, code) = run(home.path(), &args);
        assert_eq!((complaints.as_str(), code), ("", Some(0)));
        assert!(help.lines().count() <= 24 && help.lines().all(|line| line.chars().count() <= 100), "{help}");
        assert_snapshot!(format!("help-{}", command.first().unwrap_or(&"causerie")), help);
    }
}

#[test]
fn completions_and_the_manual_know_every_command() {
    let home = Home::new("completions");
    for args in [["completions", "bash"].as_slice(), &["completions", "zsh"], &["completions", "fish"], &["man"]] {
        let (script, _, code) = run(home.path(), args);
        assert_eq!(code, Some(0));
        for word in ["server", "client", "verify", "ephemeral", "no-state"] {
            assert!(script.replace("\\-", "-").contains(word), "{args:?} lacks {word}");
        }
    }
}

#[test]
fn what_was_typed_wrong_is_said_with_exit_code_2() {
    let home = Home::new("usage");
    let mut said = String::new();
    for args in [
        &["serve"][..],
        &["server", "--listen", "3823"],
        &["server", "--listen", "127.0.0.1:x"],
        &["server", "--max-clients", "0"],
        &["server", "--lan", "--listen", "127.0.0.1:1"],
        &["server", "--ephemeral", "--data", "here"],
        &["client", "http://lab"],
        &["client", "--nick", "a b"],
        &["client", "--plain", "--json"],
    ] {
        let (out, complaints, code) = run(home.path(), args);
        assert_eq!((out.as_str(), code), ("", Some(2)), "{args:?}");
        said.push_str(&format!("$ causerie {}\n{complaints}\n", args.join(" ")));
    }
    assert_snapshot!(said);
}
