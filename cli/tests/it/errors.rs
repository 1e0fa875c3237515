use std::fs;
use std::net::TcpListener;

use insta::assert_snapshot;

use crate::host::{Home, Program, Server, run};

/// What a run that cannot be complained of, and with which exit code.
fn complaint(home: &Home, args: &[&str]) -> String {
    let (_, complaints, code) = run(home.path(), args);
    assert_eq!(code, Some(1), "{complaints}");
    assert_eq!(complaints.lines().count(), 1, "{complaints}");
    complaints.trim_end().replace(home.path().to_str().unwrap(), "HOME")
}

#[test]
fn a_port_that_is_taken_comes_with_another() {
    let home = Home::new("port");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let said = complaint(&home, &["server", "--data", "store", "--listen", &format!("127.0.0.1:{port}")]);
    let said = said.replace(&port.to_string(), "PORT").replace(&(port + 1).to_string(), "PORT+1");
    assert_snapshot!(said, @"causerie: 127.0.0.1:PORT is in use. Another one: causerie server --listen 127.0.0.1:PORT+1");
}

#[test]
fn a_store_has_one_server() {
    let home = Home::new("locked");
    let server = Server::start(&home, "127.0.0.1:0");
    let said = complaint(&home, &["server", "--data", "store", "--listen", "127.0.0.1:0"]);
    assert!(said.starts_with("causerie: the store store is in use by another causerie"), "{said}");
    assert!(said.ends_with("stop it, or choose another directory: --data DIR"), "{said}");
    let said = complaint(&home, &["verify", "--data", "store"]);
    assert!(said.contains("is in use by another causerie"), "{said}");
    drop(server);
}

#[test]
fn a_store_that_cannot_be_had_is_said_in_a_line() {
    let home = Home::new("store");
    fs::write(home.path().join("file"), "no directory").unwrap();
    let said = complaint(&home, &["server", "--data", "file", "--listen", "127.0.0.1:0"]);
    assert!(said.contains("cannot write to file: ") && said.contains("--data DIR"), "{said}");
    let said = complaint(&home, &["verify", "--data", "nowhere"]);
    assert_snapshot!(said, @"causerie: there is no store in nowhere; name the directory of one: --data DIR");
    let said = complaint(&home, &["server", "--data", "store", "--listen", "192.0.2.1:3823"]);
    assert_snapshot!(said, @"causerie: cannot listen on 192.0.2.1:3823: cannot assign requested address; choose another: causerie server --listen HOST:PORT");
}

#[test]
fn a_damaged_store_names_the_command_that_looks_at_it() {
    let home = Home::new("damaged");
    drop(Server::start(&home, "127.0.0.1:0"));
    let stores = || fs::read_dir(home.path().join("store")).unwrap().map(|file| file.unwrap().path());
    let store = stores().max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
    let mut bytes = fs::read(&store).unwrap();
    for byte in bytes.iter_mut().skip(64) {
        *byte ^= 0x55;
    }
    fs::write(&store, bytes).unwrap();
    let said = complaint(&home, &["server", "--data", "store", "--listen", "127.0.0.1:0"]);
    assert!(said.contains("the store store is damaged: "), "{said}");
    assert!(said.ends_with("see how much of it can be read: causerie verify --data store"), "{said}");
    let said = complaint(&home, &["verify", "--data", "store"]);
    assert!(
        said.contains("damaged") && said.ends_with("put back a copy of it, or move it away to begin anew"),
        "{said}"
    );
}

#[test]
fn a_client_that_cannot_begin_says_what_to_do() {
    let home = Home::new("client");
    assert_snapshot!(complaint(&home, &["client"]), @"causerie: nobody is remembered here; say who you are: causerie client --nick NAME");
    fs::write(home.path().join("state.json"), "{").unwrap();
    let said = complaint(&home, &["client", "--nick", "ada", "--state", "state.json"]);
    assert_snapshot!(said, @"causerie: the state file state.json cannot be understood: EOF while parsing an object at line 1 column 1; move it away to begin as somebody new");
}

#[test]
fn a_name_that_is_taken_is_an_error_where_nobody_can_be_asked() {
    let home = Home::new("taken");
    let server = Server::start(&home, "127.0.0.1:0");
    let ada = Program::join(&home, &server.address, &["--nick", "ada", "--no-state"]);
    let said = complaint(&home, &["client", &server.address, "--nick", "ADA", "--no-state"]);
    let said = said.replace(&server.address, "SERVER");
    assert_snapshot!(said, @"causerie: ADA is taken; choose another name: causerie client SERVER --nick NAME");
    let said = complaint(&home, &["client", &server.address, "--nick", "ada", "--no-state", "--json"]);
    assert!(said.contains("is taken"), "{said}");
    drop(ada);
}

#[test]
fn a_password_that_is_missing_is_asked_for_with_the_flag() {
    let home = Home::new("password");
    let server = Server::start_with(&home, &["--listen", "127.0.0.1:0", "--ephemeral", "--password", "sesame"]);
    let said = complaint(&home, &["client", &server.address, "--nick", "ada", "--no-state"]);
    assert_snapshot!(said, @"causerie: this server takes a password, and that is not it; say it: causerie client --password PASSWORD");
}
